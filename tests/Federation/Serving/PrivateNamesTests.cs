using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Storage;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>Everything that a node sends a peer, byte for byte, searched for what must not leave the organization.</summary>
public sealed class PrivateNamesTests
{
    private const string Private = "corp.example/team/secret-engine";
    private const string Version = "v1.0.0";

    [Theory]
    [InlineData("globex", false)]
    [InlineData("", false)]
    [InlineData("acme", true)]
    public async Task Not_a_byte_of_a_private_name_is_sent_to_another_organization(string org, bool isColleague)
    {
        await using var rig = await ServingRig.StartAsync(new FederationOptions { Org = "acme", Private = "corp.example/*" });
        var secret = await rig.HoldAsync(Private, Version);
        var open = await rig.HoldAsync("example.com/open", Version);
        await rig.OwnLog.AppendAsync(SampleRecord.Of(0) with { Module = open.Module }, default, default);
        await rig.OwnLog.AppendAsync(SampleRecord.Of(1) with { Module = secret.Module, Further = "salt 00112233445566778899aabbccddeeff\n" }, default, default);
        using var sent = new MemoryStream();
        await AskEverythingAsync(rig.AddClient(org: org), secret, sent);
        await AskEverythingAsync(rig.AddClient("again", org), open, sent);

        var found = Traces(secret.Module).Where(trace => sent.ToArray().AsSpan().IndexOf(trace.Bytes) >= 0).Select(trace => trace.What).ToList();
        Assert.True(isColleague == found.Count > 0, $"sent: {string.Join(", ", found)}");
        Assert.True(sent.ToArray().AsSpan().IndexOf("example.com/open"u8) >= 0, "not even the public name was sent: nothing was looked at");
    }

    /// <summary>Every method that a peer may call, with every answer and refusal kept. The caller knows the name: it must not learn that it guessed right.</summary>
    private static async Task AskEverythingAsync(PeerClient peer, SampleModule module, MemoryStream sent)
    {
        var name = PeerClient.Name(module.Module);
        await KeepAsync(sent, async () => [(await peer.HelloAsync()).ToByteArray()]);
        await KeepAsync(sent, async () => [(await peer.LocateAsync(module.Module)).ToByteArray()]);
        await KeepAsync(sent, async () => [(await peer.VersionsAsync(module.Module.Path)).ToByteArray()]);
        await KeepAsync(sent, async () => [(await peer.ResolveAsync(module.Module.Path, "latest")).ToByteArray()]);
        await KeepAsync(sent, async () => [(await peer.FetchAsync(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Zip))).Bytes]);
        await KeepAsync(sent, async () => [(await peer.FetchAsync(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Mod))).Bytes]);
        await KeepAsync(sent, async () => [(await peer.FetchAsync(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Info))).Bytes]);
        await KeepAsync(sent, async () => [(await peer.Logs.PrefixAsync(new Wire.PrefixRequest { Prefix = 1, Size = 2 })).ToByteArray()]);
        await KeepAsync(sent, async () =>
        {
            var answer = await peer.Logs.LookupAsync(new Wire.LookupRequest { Module = name });
            answer.Reason = WithoutTheQuestion(answer.Reason);
            return [answer.ToByteArray()];
        });
        await KeepAsync(sent, async () =>
        {
            List<byte[]> frames = [];
            using var records = peer.Logs.Records(new Wire.RecordsRequest { Count = 100, Vouched = true });
            while (await records.ResponseStream.MoveNext(CancellationToken.None))
            {
                frames.Add(records.ResponseStream.Current.ToByteArray());
            }

            return frames;
        });
        await KeepAsync(sent, async () =>
        {
            using var watch = peer.Logs.Watch(new Wire.WatchRequest());
            await watch.ResponseStream.MoveNext(CancellationToken.None);
            return [watch.ResponseStream.Current.ToByteArray()];
        });
    }

    private static async Task KeepAsync(MemoryStream sent, Func<Task<List<byte[]>>> ask)
    {
        try
        {
            (await ask()).ForEach(bytes => sent.Write(bytes));
        }
        catch (RpcException refused)
        {
            sent.Write(Encoding.UTF8.GetBytes(WithoutTheQuestion(refused.Status.Detail)));
        }
    }

    /// <summary>What is not held is named in the answer by the words of the question, which the caller has sent itself.</summary>
    private static string WithoutTheQuestion(string words) =>
        words.Replace($"{Private}@{Version}", "", StringComparison.Ordinal).Replace(Private, "", StringComparison.Ordinal);

    /// <summary>The name as it could stand somewhere: plain, escaped, in base64 at any offset, hashed without salt.</summary>
    private static IEnumerable<(string What, byte[] Bytes)> Traces(ModuleVersion module)
    {
        foreach (var text in new[] { "secret-engine", "corp.example", $"{module}" })
        {
            yield return ($"'{text}'", Encoding.UTF8.GetBytes(text));
            for (var shift = 0; shift < 3; shift++)
            {
                // Without the characters that depend on what stands before and behind.
                var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string(' ', shift) + text));
                yield return ($"'{text}' in base64", Encoding.ASCII.GetBytes(encoded.TrimEnd('=')[(shift == 0 ? 0 : 4)..^2]));
            }
        }

        foreach (var text in new[] { module.Path, $"{module}", $"{module.Path} {module.Version}" })
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
            yield return ($"the hash of '{text}'", hash);
            yield return ($"the hash of '{text}' in hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)));
            yield return ($"the hash of '{text}' in base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(hash).TrimEnd('=')));
            yield return ($"the hash of '{text}' in base64url", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(hash)));
        }
    }
}
