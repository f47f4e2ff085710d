using System.Reflection;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Answers WhoAreYou.</summary>
internal sealed class Introductions
{
    private readonly HeldCount held;
    private readonly ILogger logger;
    private readonly Wire.WhoAreYouResponse answer;

    /// <param name="keys">This node's.</param>
    /// <param name="nodeName">What it is called.</param>
    /// <param name="held">How much it holds.</param>
    /// <param name="logger">For what callers say of themselves.</param>
    public Introductions(NodeKeys keys, string nodeName, HeldCount held, ILogger logger)
    {
        this.held = held;
        this.logger = logger;
        answer = new Wire.WhoAreYouResponse
        {
            Software = $"athens {typeof(Introductions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}",
            Name = Fit(nodeName),
            IdentityKey = ByteString.CopyFrom(keys.Identity.PublicKey.Span),
            LogKey = ByteString.CopyFrom(keys.Log.PublicKey.Span),
            WitnessKey = ByteString.CopyFrom(keys.Witness.PublicKey.Span),
            LogName = keys.Log.Name,
        };
    }

    public Wire.WhoAreYouResponse Answer(ServedCall call, Wire.WhoAreYouRequest request)
    {
        RequestRules.Introduction(request);
        logger.Introduced(call.Peer.Name, Shown.Text(request.Name), Shown.Text(request.Software));
        Wire.WhoAreYouResponse response = answer.Clone();
        response.Held = held.Rounded();
        return response;
    }

    // As many whole characters as the protocol has room for.
    private static string Fit(string name)
    {
        StringBuilder fit = new();
        int bytes = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > RequestRules.MaxNameBytes)
            {
                break;
            }

            fit.Append(rune.ToString());
        }

        return fit.ToString();
    }
}
