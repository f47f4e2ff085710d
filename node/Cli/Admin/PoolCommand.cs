using System.CommandLine;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How the verbs of <c>athens pool</c> are typed.</summary>
internal static class PoolCommand
{
    public const string OrgOption = "org";
    public const string QuorumOption = "quorum";
    public const string NodeOption = "node";
    public const string ExpiresOption = "expires";

    public static IReadOnlyList<NodeVerb> Verbs =>
    [
        new("pool create", "Begin a pool, with this node's organization as its first member.")
        {
            Words = [new Argument<string>("NAME") { Description = "the pool's name: letters, digits, dots, hyphens and underscores" }],
            Options = [Org(), new Option<string?>("--" + QuorumOption) { Description = "how many organizations must have observed the same hashes [1]", HelpName = "N" }],
        },
        new("pool invite", "Print an invitation, good for one organization or node, once.")
        {
            Flags = [new Option<bool>("--" + NodeOption) { Description = "for another node of this organization, instead of another organization" }],
            Options = [new Option<string?>("--" + ExpiresOption) { Description = "such as 30m, 24h or 7d [24h]", HelpName = "TIME" }],
        },
        new("pool join", "Join a pool with an invitation.")
        {
            Words = [new Argument<string>("INVITATION") { Description = "as athens pool invite printed it on a member's node" }],
            Options = [Org()],
        },
        new("pool show", "Show this node's pool: its organizations, what they have agreed on, and what waits for signatures."),
        new("pool members", "List the nodes of the pool."),
        new("pool approve", "Sign a change of the pool for this node's organization.")
        {
            OptionalWords = [new Argument<string?>("CHANGE") { Description = "as athens pool show lists it; may be left out when there is only one", Arity = ArgumentArity.ZeroOrOne }],
        },
        new("pool remove", "Propose to remove an organization; or take a node of this organization out at once.")
        {
            Words = [new Argument<string>("ORG or ORG/NODE") { Description = "as athens pool members lists it" }],
        },
        new("pool set", "Propose another quorum, threshold or owner of a namespace.")
        {
            Words =
            [
                new Argument<string>("WHAT") { Description = "quorum, threshold or namespace" },
                new Argument<string>("VALUE") { Description = "a number; or PATTERN=ORG, PATTERN= for nobody, such as corp.example/*=acme" },
            ],
        },
        new("pool renew", "Propose the same root for another year."),
        new("pool rotate-key", "Propose a new key for this organization; the old one signs for it."),
        new("pool change", "Write a change into a file, to be signed where the organization's key is kept.")
        {
            Words = [new Argument<string>("CHANGE") { Description = "as athens pool show lists it" }],
            Output = new Option<string?>("--out") { Description = "the file", HelpName = "FILE", Required = true },
        },
        new("pool namespace", "Write the file by which this organization proves that a namespace is its own, and print the DNS record that does so as well. One of the two is published on the pattern's domain.")
        {
            Words = [new Argument<string>("PATTERN") { Description = "such as corp.example/*" }],
            Output = new Option<string?>("--out") { Description = "the file", HelpName = "FILE", Required = true },
        },
        new("pool statement", "Write this node's own statement into a file, to be signed where the organization's key is kept.")
        {
            Output = new Option<string?>("--out") { Description = "the file", HelpName = "FILE", Required = true },
        },
        new("pool accept", "Take a change or a statement that was signed elsewhere.")
        {
            Input = new Argument<string>("FILE") { Description = "what athens org sign has signed" },
        },
        new("pool withdraw", "End an invitation that is still open.")
        {
            Words = [new Argument<string>("INVITATION-ID") { Description = "as athens pool show lists it" }],
        },
        new("pool leave", "Forget the pool. Others are told by 'athens pool remove' on one of their nodes."),
    ];

    private static Option<string?> Org() => new("--" + OrgOption) { Description = "this node's organization [the configuration's [pool] org]", HelpName = "ORG" };
}
