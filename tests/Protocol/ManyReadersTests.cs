using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

/// <summary>Connections lend buffers from one another: what one is sent must never be another's.</summary>
public sealed class ManyReadersTests
{
    private const int Readers = 48;

    private const int Length = 3 << 20;

    [Fact]
    public async Task Readers_of_different_files_get_each_its_own_also_when_others_hang_up_in_the_middle()
    {
        await using var host = await FrontHost.StartAsync();
        string folder = Directory.CreateTempSubdirectory("front").FullName;
        byte[][] hashes = [.. Enumerable.Range(0, Readers).Select(number => Put(host, folder, number))];
        for (int round = 0; round < 2; round++)
        {
            // The first of them are sent large blocks, the others small ones, of the same memory.
            await Task.WhenAll(Enumerable.Range(0, Readers).Select(async number =>
            {
                if (number % 3 == 0)
                {
                    await HangUpAsync(host.EndPoint, number);
                }

                using var response = await host.Client.GetAsync(Target(number), HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                await using var body = await response.Content.ReadAsStreamAsync();
                Assert.Equal(hashes[number], await SHA256.HashDataAsync(body));
            }));
            foreach (int number in (int[])[0, 1, 2])
            {
                Assert.Equal(hashes[number], SHA256.HashData(await host.Client.GetByteArrayAsync(Target(number))));
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task After_a_large_file_a_connection_holds_nothing_back()
    {
        await using var host = await FrontHost.StartAsync();
        string folder = Directory.CreateTempSubdirectory("front").FullName;
        byte[] hash = Put(host, folder, 0);
        Assert.Equal(hash, SHA256.HashData(await host.Client.GetByteArrayAsync(Target(0))));
        Assert.True(host.Sockets.TryPeek(out var socket));
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        while (IsCorked(socket))
        {
            await Task.Delay(10, patience.Token);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_first_senders_get_whole_blocks_and_the_others_parts()
    {
        DividedBlocks blocks = new(size: DividedBlocks.Parts * 64);
        List<OutputBlock> lent = [];
        while (lent.Count == 0 || lent[^1].Bytes.Length > 64)
        {
            lent.Add(blocks.Rent());
        }

        Assert.Equal(17, lent.Count);
        Assert.Equal(64, blocks.Rent().Bytes.Length);
        lent[0].Return();
        Assert.Equal(DividedBlocks.Parts * 64, blocks.Rent().Bytes.Length);
    }

    [Fact]
    public void Blocks_that_are_lent_at_one_time_never_overlap()
    {
        DividedBlocks blocks = new(size: DividedBlocks.Parts * 64);
        List<OutputBlock> lent = [];
        Random random = new(1);
        for (int step = 0; step < 5000; step++)
        {
            if (lent.Count > 0 && random.Next(100) < 48)
            {
                int at = random.Next(lent.Count);
                Assert.False(lent[at].Bytes.Span.ContainsAnyExcept(Mark(lent[at])));
                lent[at].Return();
                lent.RemoveAt(at);
                continue;
            }

            var block = random.Next(4) == 0 ? blocks.RentWhole() : blocks.Rent();
            Assert.DoesNotContain(block, lent);
            block.Bytes.Span.Fill(Mark(block));
            lent.Add(block);
        }

        Assert.All(lent, block => Assert.False(block.Bytes.Span.ContainsAnyExcept(Mark(block))));
    }

    /// <summary>tcp(7), TCP_CORK.</summary>
    private static bool IsCorked(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, 3, value);
        return BitConverter.ToInt32(value) != 0;
    }

    private static byte Mark(OutputBlock block) => (byte)System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(block);

    private static string Target(int number) => $"/example.com/m{number}/@v/v1.0.0.zip";

    private static byte[] Put(FrontHost host, string folder, int number)
    {
        byte[] content = RandomNumberGenerator.GetBytes(Length);
        string file = Path.Combine(folder, $"{number}.zip");
        File.WriteAllBytes(file, content);
        host.Retrieval.PutFile($"example.com/m{number}", "v1.0.0", ModuleFileKind.Zip, file, RetrievalTwin.DigestOf(content));
        return SHA256.HashData(content);
    }

    /// <summary>Takes what comes first and resets the connection: the node is in the middle of a send.</summary>
    private static async Task HangUpAsync(IPEndPoint node, int number)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, LingerState = new LingerOption(true, 0) };
        await socket.ConnectAsync(node);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {Target(number)} HTTP/1.1\r\nHost: node\r\n\r\n"));
        Assert.NotEqual(0, await socket.ReceiveAsync(new byte[1024]));
    }
}
