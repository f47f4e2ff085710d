using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Modules;

/// <summary>Seeded damage to a sound zip: whatever comes of it is an answer, in time, and never an exception.</summary>
public class ZipMutationTests(ITestOutputHelper output)
{
    private const int Rounds = 20_000;

    /// <summary>A small zip takes well under a millisecond; a thousand times that is a loop without a bound.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly byte[][] Interesting =
    [
        [0], [0xff], [0x7f], [0x80], [0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0x7f],
        [0, 0, 0, 0x80], [.. "PK\x01\x02"u8], [.. "PK\x03\x04"u8], [.. "PK\x05\x06"u8], [.. "PK\x06\x06"u8], [.. "PK\x06\x07"u8],
        [.. "PK\x07\x08"u8], [1, 0, 8, 0], [.. "../"u8], [.. "//"u8], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(20261120)]
    public void Damage_never_throws_and_never_takes_long(int seed)
    {
        var random = new Random(seed);
        byte[][] sound = [Make(zip64: false), Make(zip64: true)];
        string[] hashes = [.. sound.Select(zip => ZipFile.Check(zip).Contents!.Hash)];
        using var file = new ZipFile();
        int taken = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = Damage(sound[round & 1], random);
            file.Replace(damaged);
            long start = Stopwatch.GetTimestamp();
            (ModuleZipContents? contents, string? reason) = file.Check();

            Assert.True(Stopwatch.GetElapsedTime(start) < Longest, $"seed {seed}, round {round}");
            Assert.True((contents is null) != (reason is null), $"seed {seed}, round {round}");
            taken += contents is null ? 0 : 1;
        }

        // Times, attributes and the like may change freely; a few names and contents may, if both places agree.
        output.WriteLine($"seed {seed}: {taken} of {Rounds} still sound; {hashes[0]}");
        Assert.InRange(taken, 1, Rounds / 2);
    }

    private static byte[] Make(bool zip64)
    {
        const string p = ZipFile.Prefix;
        byte[] crc = BitConverter.GetBytes(ZipMaker.CrcOf("described"u8.ToArray()));
        return new ZipMaker { Zip64 = zip64, Comment = "c"u8.ToArray() }.Make(
            new ZipPart(p + "go.mod", "module example.com/m\n"),
            new ZipPart(p + "dir/") { Method = 0 },
            new ZipPart(p + "dir/stored.txt", "stored") { Method = 0 },
            new ZipPart(p + "dir/long.txt", string.Concat(Enumerable.Repeat("all work and no play ", 200))),
            new ZipPart(p + "described", "described") { Flags = 8, Descriptor = [.. "PK\x07\x08"u8, .. crc, .. new byte[8]] },
            new ZipPart(p + "испытание", "x") { Extra = [9, 9, 2, 0, 1, 2] });
    }

    private static byte[] Damage(byte[] sound, Random random)
    {
        List<byte> bytes = [.. sound];
        for (int n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Interesting[random.Next(Interesting.Length)]);
                    break;
                case 4:
                    byte[] value = Interesting[random.Next(Interesting.Length)];
                    for (int i = 0; i < value.Length && at + i < bytes.Count; i++)
                    {
                        bytes[at + i] = value[i];
                    }

                    break;
                default:
                    int length = Math.Min(random.Next(1, 80), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }
}
