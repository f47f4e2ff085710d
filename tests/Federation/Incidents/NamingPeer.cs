using System.Collections.Concurrent;
using System.Threading.Channels;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Incidents;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Incidents;

/// <summary>A connected peer that names evidence, and gives of it what a test has it give.</summary>
internal sealed class NamingPeer : CallInvoker, IDisposable
{
    private readonly SigningKey identity;
    private readonly SigningKey log;
    private readonly Channel<object> news = Channel.CreateUnbounded<object>();

    public NamingPeer(string name, TimeProvider time)
    {
        identity = SigningKey.Create($"{name}/identity");
        log = SigningKey.Create(name);
        Peer = new Peer(new PeerOptions(name, "localhost:1", PeerKey.Of(identity.PublicKey.Span), "", PeerTrust.Observe), time, NullLogger.Instance);
        Give = (id, _) => Task.FromResult(Pieces.GetValueOrDefault(id));
        Wire.PeerService.PeerServiceClient client = new(this);
        Peer.Connected(new PeerLink(client, client, log.Verifier, OnLan: true) { Evidence = new Wire.EvidenceService.EvidenceServiceClient(this) });
    }

    public Peer Peer { get; }

    /// <summary>What it has.</summary>
    public ConcurrentDictionary<ulong, byte[]> Pieces { get; } = new();

    /// <summary>What it was asked for, in order.</summary>
    public ConcurrentQueue<ulong> Asked { get; } = new();

    /// <summary>What it gives for an id; null: it is left out.</summary>
    public Func<ulong, CancellationToken, Task<byte[]?>> Give { get; set; }

    /// <summary>Has these, and says so.</summary>
    public NamingPeer Name(params IEnumerable<byte[]> evidence)
    {
        List<ulong> names = [];
        foreach (byte[] piece in evidence)
        {
            names.Add(EvidenceName.Of(piece));
            Pieces[names[^1]] = piece;
        }

        return NameIds(names);
    }

    /// <summary>Says that it has these.</summary>
    public NamingPeer NameIds(IEnumerable<ulong> names)
    {
        Wire.EvidenceNews told = new();
        told.Ids.Add(names);
        Assert.True(news.Writer.TryWrite(told));
        return this;
    }

    public void Dispose()
    {
        identity.Dispose();
        log.Dispose();
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        IAsyncEnumerable<object> answers = request is Wire.GiveEvidenceRequest give
            ? PiecesOf(give, options.CancellationToken)
            : news.Reader.ReadAllAsync(options.CancellationToken);
        return new AsyncServerStreamingCall<TResponse>(
            new Reader<TResponse>(answers.GetAsyncEnumerator(options.CancellationToken)),
            Task.FromResult(new Metadata()),
            static () => Status.DefaultSuccess,
            static () => [],
            static () => { });
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private async IAsyncEnumerable<object> PiecesOf(
        Wire.GiveEvidenceRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (ulong id in request.Ids)
        {
            Asked.Enqueue(id);
        }

        foreach (ulong id in request.Ids)
        {
            await Task.Yield();
            if (await Give(id, cancellationToken) is { } piece)
            {
                yield return new Wire.EvidencePiece { Evidence = ByteString.CopyFrom(piece) };
            }
        }
    }

    private sealed class Reader<T>(IAsyncEnumerator<object> answers) : IAsyncStreamReader<T>
    {
        public T Current => (T)answers.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                return await answers.MoveNextAsync();
            }
            catch (OperationCanceledException)
            {
                throw new RpcException(new Status(StatusCode.Cancelled, "cancelled"));
            }
        }
    }
}
