namespace Athens.Federation.Simulator.Scenario;

/// <summary>Chooses what developers ask for: the k-th most popular with a weight of 1 / k^skew.</summary>
internal sealed class ZipfChoice
{
    /// <summary>Prime, so that popular versions are not neighbours.</summary>
    private const long Stride = 15_485_863;

    private readonly double[] upTo;

    public ZipfChoice(int count, double skew)
    {
        upTo = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            upTo[i] = sum += Math.Pow(i + 1, -skew);
        }
    }

    public int Next(Random random)
    {
        int found = Array.BinarySearch(upTo, random.NextDouble() * upTo[^1]);
        long rank = Math.Min(found < 0 ? ~found : found, upTo.Length - 1);
        return (int)(rank * Stride % upTo.Length);
    }
}
