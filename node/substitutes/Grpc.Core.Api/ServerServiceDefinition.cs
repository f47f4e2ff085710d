namespace Grpc.Core;

/// <summary>
/// A service and its implementation, as generated stubs bind them for servers that take such a thing. The server here binds types
/// (<c>MapGrpcService</c>), so nothing reads one.
/// </summary>
public class ServerServiceDefinition
{
    private ServerServiceDefinition()
    {
    }

    /// <summary>Begins a definition.</summary>
    public static Builder CreateBuilder() => new();

    /// <summary>A definition in the making.</summary>
    public class Builder
    {
        private readonly HashSet<string> names = new(StringComparer.Ordinal);

        /// <summary>One request, one response.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method);

        /// <summary>Many requests, one response.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method);

        /// <summary>One request, many responses.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method);

        /// <summary>Many each way.</summary>
        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method);

        /// <summary>The definition.</summary>
        public ServerServiceDefinition Build() => new();

        private Builder Add(IMethod method)
        {
            ArgumentNullException.ThrowIfNull(method);
            return names.Add(method.FullName) ? this : throw new ArgumentException($"{method.FullName} is bound twice", nameof(method));
        }
    }
}
