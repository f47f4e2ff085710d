namespace Athens.Federation.Node.Transparency;

/// <summary>What all texts of heads have in common: who speaks, the size in decimal and the root in base64, each in a line of its own.</summary>
internal static class HeadLines
{
    public static string Format(string firstLine, TreeHead head) => $"{firstLine}\n{StrictNumber.Format(head.Size)}\n{head.Root}\n";

    public static TreeHead? Parse(string size, string root, out string? reason)
    {
        var hash = default(MerkleHash);
        reason = !StrictNumber.TryParse(size, out var leaves) ? "the size of the tree is not a decimal number without leading zeros"
            : leaves > MerkleTree.MaxSize ? $"no tree has more than {MerkleTree.MaxSize} leaves"
            : !MerkleHash.TryParse(root, out hash) ? "the root of the tree is not the base64 of 32 bytes"
            : null;
        return reason is null ? new TreeHead(leaves, hash) : null;
    }
}
