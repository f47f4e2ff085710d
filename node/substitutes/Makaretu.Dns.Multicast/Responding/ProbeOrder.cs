namespace Makaretu.Dns.Responding;

/// <summary>Who may keep a name that two probe for at the same time: the one whose records come later (RFC 6762 section 8.2).</summary>
internal static class ProbeOrder
{
    /// <summary>Below zero: the other one has it. Zero: the same records, which is no conflict.</summary>
    public static int Compare(IEnumerable<ResourceRecord> own, IEnumerable<ResourceRecord> theirs)
    {
        var left = own.Select(Bytes).Order(ByteOrder).ToList();
        var right = theirs.Select(Bytes).Order(ByteOrder).ToList();
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (ByteOrder.Compare(left[i], right[i]) is var order && order != 0)
            {
                return order;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right));

    /// <summary>Class without its top bit, type, data: each compared as it stands in a message.</summary>
    private static byte[] Bytes(ResourceRecord record)
    {
        var @class = (ushort)record.Class & ~ResourceRecord.TopBit;
        return [(byte)(@class >> 8), (byte)@class, (byte)((ushort)record.Type >> 8), (byte)record.Type, .. record.GetData()];
    }
}
