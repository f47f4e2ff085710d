using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Federation.Neighbours;

/// <summary>What a person pins is in force at once and stays.</summary>
public sealed class PinsTests : IDisposable
{
    private readonly TemporaryFolder folder = new("pins");
    private readonly PeerList peers = new([]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_pin_is_in_force_at_once_and_after_a_restart()
    {
        var key = Dialling.SomeKey();
        Assert.Null(Open().Add(new Pin("cafe", key, "10.1.2.3:3443", PeerTrust.Observe)));
        var peer = peers.Find(key)!;
        Assert.Equal(("cafe", "10.1.2.3:3443", PeerTrust.Observe, PeerOrigin.Pinned), (peer.Name, peer.Endpoint, peer.Trust, peer.Origin));

        PeerList later = new([]);
        Assert.Equal(peer, Open(later).All.Select(pin => later.Find(pin.Key)).Single());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("pins.json")));
        }
    }

    [Fact]
    public void A_pin_that_is_taken_back_is_gone_by_key_by_name_or_by_its_name_on_the_LAN()
    {
        var pins = Open();
        foreach (var by in new Func<Pin, string>[] { pin => pin.Key.ToString(), pin => pin.Name, pin => Node.Discovery.OwnInstance.Name(pin.Key.Bytes.Span) })
        {
            Pin pin = new("cafe", Dialling.SomeKey(), "", PeerTrust.None);
            Assert.Null(pins.Add(pin));
            Assert.Equal(pin, pins.Remove(by(pin)));
            Assert.Null(peers.Find(pin.Key));
            Assert.Null(pins.Remove(by(pin)));
        }

        Assert.Empty(Open(new PeerList([])).All);
    }

    [Fact]
    public void The_same_key_again_changes_the_pin()
    {
        var (pins, key) = (Open(), Dialling.SomeKey());
        pins.Add(new Pin("cafe", key, "", PeerTrust.Observe));
        Assert.Null(pins.Add(new Pin("cafe", key, "", PeerTrust.None)));
        Assert.Equal(PeerTrust.None, Assert.Single(pins.All).Trust);
        Assert.Equal(PeerTrust.None, peers.Find(key)!.Trust);
    }

    [Fact]
    public void The_configuration_file_decides()
    {
        var key = Dialling.SomeKey();
        peers.Set(PeerOrigin.Configuration, [new PeerOptions("office", "10.0.0.1:3443", key, "acme", PeerTrust.None)]);
        var pins = Open();
        Assert.Contains("office", pins.Add(new Pin("cafe", key, "", PeerTrust.Observe)), StringComparison.Ordinal);
        Assert.Contains("--name", pins.Add(new Pin("OFFICE", Dialling.SomeKey(), "", PeerTrust.Observe)), StringComparison.Ordinal);
        Assert.Empty(pins.All);

        // Pinned before it came into the file.
        var other = Dialling.SomeKey();
        Assert.Null(pins.Add(new Pin("cafe", other, "", PeerTrust.Observe)));
        peers.Set(PeerOrigin.Configuration, [new PeerOptions("office", "10.0.0.1:3443", other, "acme", PeerTrust.None)]);
        Assert.Equal(PeerTrust.None, peers.Find(other)!.Trust);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"pins\": [{\"name\": \"a\", \"key\": \"ed25519:AAAA\", \"endpoint\": \"\", \"trust\": \"observe\"}]}")]
    [InlineData("{\"pins\": [{\"name\": \"a\\n\"}]}")]
    public void A_file_that_somebody_spoiled_pins_nobody_and_is_not_overwritten(string content)
    {
        File.WriteAllText(folder.File("pins.json"), content);
        var pins = Open();
        Assert.Empty(pins.All);
        Assert.Contains("pins.json", pins.Add(new Pin("cafe", Dialling.SomeKey(), "", PeerTrust.Observe)), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(folder.File("pins.json")));
    }

    [Theory]
    [InlineData("athens-1f2e3d4c-2", true)]
    [InlineData("a.b_c", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("two words", false)]
    [InlineData("ümlaut", false)]
    public void Names_are_those_that_a_header_and_a_log_can_take(string name, bool isOne) => Assert.Equal(isOne, Pin.IsName(name));

    private Pins Open(PeerList? list = null) => new(folder.Path, list ?? peers, NullLogger<Pins>.Instance);
}
