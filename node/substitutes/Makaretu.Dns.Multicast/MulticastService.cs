using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Makaretu.Dns.Links;
using Makaretu.Dns.Wire;

namespace Makaretu.Dns;

/// <summary>
/// Multicast DNS (RFC 6762) on every interface that has it, over IPv4 and IPv6. Interfaces may come, go and change while it runs: the system tells, and every half
/// minute it is looked again. Only senders on the link are believed. Events are raised on threads of this service, one packet after the other for each family.
/// </summary>
public class MulticastService : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    /// <summary>An interface that comes changes several times in a row.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(150);

    private readonly Func<IEnumerable<NetworkInterface>, IEnumerable<NetworkInterface>>? filter;
    private readonly PacketBudget[] budgets;

    /// <summary>Guards the looking at interfaces, and the sockets.</summary>
    private readonly Lock looking = new();

    /// <summary>Guards <see cref="own"/>.</summary>
    private readonly Lock sending = new();
    private readonly OwnPackets own;
    private readonly CancellationTokenSource ending = new();
    private readonly Dictionary<AddressFamily, MulticastSocket> sockets = [];
    private readonly HashSet<(AddressFamily Family, int Index)> joined = [];
    private volatile Link[] links = [];
    private ITimer? looks;
    private bool isStarted;

    public MulticastService(Func<IEnumerable<NetworkInterface>, IEnumerable<NetworkInterface>>? filter = null)
    {
        this.filter = filter;
        Time = TimeProvider.System;
        budgets = [new PacketBudget(Time), new PacketBudget(Time)];
        own = new OwnPackets(Time);
    }

    public event EventHandler<MessageEventArgs>? QueryReceived;

    public event EventHandler<MessageEventArgs>? AnswerReceived;

    /// <summary>Interfaces that came, or came by other addresses; raised before anything is said there.</summary>
    public event EventHandler<NetworkInterfaceEventArgs>? NetworkInterfaceDiscovered;

    internal event Action<Link, IPEndPoint, Message>? Received;

    internal event Action? LinksChanged;

    public bool UseIpv4 { get; set; } = Socket.OSSupportsIPv4;

    public bool UseIpv6 { get; set; } = Socket.OSSupportsIPv6;

    internal TimeProvider Time { get; }

    internal IReadOnlyList<Link> Links => links;

    /// <summary>Those that are up; loopback only where there is no other.</summary>
    public static IEnumerable<NetworkInterface> GetNetworkInterfaces()
    {
        var up = NetworkInterface.GetAllNetworkInterfaces()
            .Where(static card => card.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .ToList();
        var real = up.FindAll(static card => card.NetworkInterfaceType != NetworkInterfaceType.Loopback);
        return real.Count > 0 ? real : up;
    }

    public static IEnumerable<IPAddress> GetIPAddresses() => GetNetworkInterfaces()
        .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
        .Select(static own => own.Address);

    /// <exception cref="SocketException">Neither family can be had: no right to the port, or no multicast at all.</exception>
    public void Start()
    {
        lock (looking)
        {
            SocketException? failure = null;
            foreach (var family in Families())
            {
                try
                {
                    sockets[family] = new MulticastSocket(family);
                }
                catch (SocketException exception)
                {
                    failure = exception;
                }
            }

            if (sockets.Count == 0)
            {
                throw failure ?? new SocketException((int)SocketError.AddressFamilyNotSupported);
            }

            isStarted = true;
            NetworkChange.NetworkAddressChanged += OnChange;
            NetworkChange.NetworkAvailabilityChanged += OnChange;
            looks = Time.CreateTimer(static service => ((MulticastService)service!).Look(), this, TimeSpan.Zero, LookEvery);
        }

        foreach (var (family, socket) in sockets)
        {
            _ = Task.Run(() => ReceiveAsync(family, socket));
        }
    }

    /// <summary>Nothing is sent or told any more. Event handlers are forgotten.</summary>
    public void Stop()
    {
        lock (looking)
        {
            (QueryReceived, AnswerReceived, NetworkInterfaceDiscovered) = (null, null, null);
            if (!isStarted)
            {
                return;
            }

            isStarted = false;
            NetworkChange.NetworkAddressChanged -= OnChange;
            NetworkChange.NetworkAvailabilityChanged -= OnChange;
            looks?.Dispose();
            ending.Cancel();
            foreach (var socket in sockets.Values)
            {
                socket.Dispose();
            }
        }
    }

    public void SendQuery(DomainName name, DnsClass klass = DnsClass.IN, DnsType type = DnsType.ANY)
    {
        var message = new Message();
        message.Questions.Add(new Question { Name = name, Class = klass, Type = type });
        SendQuery(message);
    }

    /// <summary>Asks on every link. Answers in <paramref name="msg"/> are those known already; what does not fit into one packet goes in several.</summary>
    public void SendQuery(Message msg)
    {
        var packets = MessageSplit.Packets(msg);
        foreach (var link in links)
        {
            packets.ForEach(packet => Send(link, packet, null));
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>To all on a link, or to one there. False when it could not be sent.</summary>
    internal bool Send(Link link, Message message, IPEndPoint? to = null) => Send(link, MessageWriter.Write(message), to);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Stop();
            ending.Dispose();
        }
    }

    private IEnumerable<AddressFamily> Families()
    {
        if (UseIpv4)
        {
            yield return AddressFamily.InterNetwork;
        }

        if (UseIpv6)
        {
            yield return AddressFamily.InterNetworkV6;
        }
    }

    private bool Send(Link link, byte[] packet, IPEndPoint? to)
    {
        if (!sockets.TryGetValue(link.Family, out var socket))
        {
            return false;
        }

        lock (sending)
        {
            if (to is null)
            {
                // Before it goes: it may be back before the call is.
                own.Sent(link.Id, packet);
            }
        }

        return socket.Send(link.Index, packet, to);
    }

    private void OnChange(object? sender, EventArgs arguments)
    {
        lock (looking)
        {
            if (isStarted)
            {
                looks?.Change(Settle, LookEvery);
            }
        }
    }

    private void Look()
    {
        lock (looking)
        {
            if (!isStarted)
            {
                return;
            }

            List<(Link Link, NetworkInterface Card)> present;
            try
            {
                var cards = GetNetworkInterfaces();
                present = LinkFinder.Find(
                    filter?.Invoke(cards) ?? cards, sockets.ContainsKey(AddressFamily.InterNetwork), sockets.ContainsKey(AddressFamily.InterNetworkV6));
            }
            catch (NetworkInformationException)
            {
                return;
            }

            Apply(present);
        }
    }

    private void Apply(List<(Link Link, NetworkInterface Card)> present)
    {
        var before = links;
        foreach (var gone in before.Where(old => present.TrueForAll(one => one.Link.Id != old.Id)))
        {
            joined.Remove(gone.Id);
            sockets[gone.Family].Leave(gone.Index);
        }

        present.RemoveAll(one => !joined.Contains(one.Link.Id) && !Join(one.Link));
        var other = present.FindAll(one => !Array.Exists(before, old => old.Id == one.Link.Id && old.HasSameAddresses(one.Link)));
        links = [.. present.Select(static one => one.Link)];
        if (other.Count > 0)
        {
            NetworkInterfaceDiscovered?.Invoke(this, new NetworkInterfaceEventArgs { NetworkInterfaces = [.. other.Select(static one => one.Card).Distinct()] });
        }

        if (other.Count > 0 || links.Length != before.Length)
        {
            LinksChanged?.Invoke();
        }
    }

    private bool Join(Link link) => sockets[link.Family].Join(link.Index) && joined.Add(link.Id);

    private async Task ReceiveAsync(AddressFamily family, MulticastSocket socket)
    {
        var budget = budgets[family == AddressFamily.InterNetwork ? 0 : 1];
        var buffer = new byte[Message.MaxLength];
        while (!ending.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveAsync(buffer, ending.Token).ConfigureAwait(false);
                if (received.RemoteEndPoint is IPEndPoint from && budget.Take(from.Address))
                {
                    Take((family, received.PacketInformation.Interface), from, buffer.AsSpan(0, received.ReceivedBytes));
                }

                if (budget.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(budget.Pause, Time, ending.Token).ConfigureAwait(false);
                }
            }
            catch (SocketException) when (!ending.IsCancellationRequested)
            {
                // A unicast answer that found nobody comes back as an error of the next receiving.
                await Task.Delay(Settle, Time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Take((AddressFamily Family, int Index) id, IPEndPoint from, ReadOnlySpan<byte> packet)
    {
        if (Array.Find(links, one => one.Id == id) is not { } link || !link.IsLocal(from.Address))
        {
            return;
        }

        lock (sending)
        {
            if (link.Has(from.Address) && own.Take(id, packet))
            {
                return;
            }
        }

        // Responses come from the port itself; others are made by programs that may not take it (RFC 6762 section 11).
        if (MessageReader.Read(packet) is { IsForeign: false } message && (message.IsQuery || from.Port == MulticastSocket.Port))
        {
            Tell(link, from, message);
        }
    }

    private void Tell(Link link, IPEndPoint from, Message message)
    {
        try
        {
            Received?.Invoke(link, from, message);
            var arguments = new MessageEventArgs { Message = message, RemoteEndPoint = from };
            (message.IsQuery ? QueryReceived : AnswerReceived)?.Invoke(this, arguments);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A handler's fault: the next packet is another's.
        }
    }
}
