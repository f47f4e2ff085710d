using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>Has the running node of a data folder carry out a verb.</summary>
internal static class AdminClient
{
    /// <summary>As long as a node works on a verb, and a little.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(11);

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    /// <summary>What the node answers; exit code and sentence when there is none.</summary>
    public static async Task<AdminAnswer> AskAsync(string dataFolder, string verb, AdminRequest request, CancellationToken cancellationToken)
    {
        var path = AdminWire.SocketIn(dataFolder);
        if (!AdminWire.FitsSocket(path))
        {
            return Failed($"{path} is longer than the {AdminWire.MaxPath} bytes that a socket's path can have: give the node a data folder with a shorter path");
        }

        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, token) => ConnectAsync(path, token),
            ConnectTimeout = ConnectPatience,
            UseProxy = false,
            AllowAutoRedirect = false,
        })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = AdminWire.MaxAnswer,
        };
        using var body = new ByteArrayContent(AdminWire.Format(verb, request));
        body.Headers.ContentType = new MediaTypeHeaderValue(AdminWire.MediaType);
        try
        {
            using var response = await http.PostAsync(new Uri($"http://node{AdminWire.Path}"), body, cancellationToken);
            return AdminWire.ReadAnswer(await response.Content.ReadAsByteArrayAsync(cancellationToken))
                ?? Failed($"the node on {dataFolder} gave an answer that this command does not know (HTTP {(int)response.StatusCode}): are both of one version?");
        }
        catch (HttpRequestException error)
        {
            return Failed(Why(error, dataFolder, path));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"the node on {dataFolder} did not answer within {Patience.TotalMinutes:0} minutes");
        }
    }

    private static string Why(HttpRequestException error, string dataFolder, string path) => (error.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.AccessDenied => $"{path} may be used only by the user that runs the node: run the command as that user",
        SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.HostNotFound => $"no node runs on {dataFolder}: start it with athens serve",
        null => $"the node on {dataFolder} broke the connection: {error.Message}",
        _ => File.Exists(path)
            ? $"the node on {dataFolder} cannot be reached: {error.InnerException!.Message}"
            : $"no node runs on {dataFolder}: start it with athens serve",
    };

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static AdminAnswer Failed(string why) => new(ExitCodes.CouldNot, why);
}
