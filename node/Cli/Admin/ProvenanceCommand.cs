using System.CommandLine;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How <c>athens provenance</c> and <c>athens verify</c> are typed.</summary>
internal static class ProvenanceCommand
{
    public const string ProofOption = "tlog-proof";
    public const string VerboseOption = "verbose";

    public static NodeVerb Provenance => new("provenance", "Who has recorded a module version, what is proven of it, what is believed and why. Exit code 3: it would be refused.")
    {
        Words = [new Argument<string>("MODULE@VERSION") { Description = "such as github.com/pkg/errors@v0.9.1" }],
        Output = new Option<string?>("--" + ProofOption) { Description = "write the proof of this node's own record there (c2sp.org/tlog-proof)", HelpName = "FILE" },
    };

    public static NodeVerb Verify => new("verify", "Check every line of a go.sum against this node's log, mirrored logs and public proofs. Exit code 1: some are unknown; 3: one is wrong.")
    {
        Input = new Argument<string>("GO.SUM") { Description = "a project's go.sum" },
        Flags = [new Option<bool>("--" + VerboseOption) { Description = "print proven lines too" }],
    };
}
