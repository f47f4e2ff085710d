using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>What a simulated LAN does to messages and fetches.</summary>
internal sealed record LanWeather(int Nodes, int MostDelay, double Loss, double UpstreamFailure);

/// <summary>
/// Nodes on one LAN that want the same module version, with the real contest and the real board on every node, and a network
/// and a clock that a seed decides. The steps are those of <see cref="Election"/>, in milliseconds.
/// </summary>
internal sealed class ElectionSimulation
{
    private const int LanWait = 20_000;
    private const int HeadStart = 20;
    private const int AnswerGrace = 150;
    private const int Patience = 1_000;
    private const int Pause = 250;

    private static readonly ModuleVersion Wanted = ModuleVersion.Create("example.com/wanted", "v1.0.0", out _)!;

    private readonly LanWeather weather;
    private readonly Random random;
    private readonly PriorityQueue<Action, (int At, int Order)> events = new();
    private readonly List<Node> nodes = [];
    private int now;
    private int order;
    private int fetching;

    public ElectionSimulation(int seed, LanWeather weather)
    {
        this.weather = weather;
        random = new Random(seed);
        for (int i = 0; i < weather.Nodes; i++)
        {
            byte[] key = new byte[PeerKey.Size];
            random.NextBytes(key);
            nodes.Add(new Node(this, PeerKey.Of(key)));
        }
    }

    /// <summary>Upstream fetches begun.</summary>
    public int Fetches { get; private set; }

    /// <summary>The most upstream fetches that were under way at once.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>When the last node had it, or had failed; milliseconds after the first wanted it.</summary>
    public int Ended { get; private set; }

    /// <summary>Nodes that neither hold it nor have tried upstream.</summary>
    public int Stuck => nodes.Count(static node => !node.IsLanded);

    public void Run()
    {
        foreach (Node node in nodes)
        {
            At(random.Next(0, 4) * random.Next(0, 60), node.Begin);
        }

        while (events.TryDequeue(out Action? happens, out var when))
        {
            now = when.At;
            happens();
        }
    }

    private void At(int delay, Action happens) => events.Enqueue(happens, (now + delay, random.Next() ^ order++));

    private void Send(Action arrives)
    {
        if (random.NextDouble() >= weather.Loss)
        {
            At(random.Next(0, weather.MostDelay + 1), arrives);
        }
    }

    private sealed class Node(ElectionSimulation lan, PeerKey key)
    {
        private readonly RivalBoard board = new(new FederationOptions(), new ManualTime());
        private readonly List<Action> waiting = [];
        private Contest contest = null!;
        private Standing phase = Standing.Out;
        private int began;
        private bool isElecting;

        public bool IsLanded { get; private set; }

        public void Begin()
        {
            began = lan.now;
            phase = Standing.Wanted;
            contest = new Contest(key, Wanted, board.Mark);
            foreach (Node other in lan.nodes.Where(other => other != this))
            {
                contest.Ask(other.Key, contest.BeganAt);
            }

            foreach (Node other in lan.nodes.Where(other => other != this))
            {
                Ask(other, wait: 0, standing => contest.Heard(other.Key, standing));
            }

            lan.At(HeadStart, Elect);
        }

        private PeerKey Key => key;

        private void Elect()
        {
            if (IsLanded || isElecting)
            {
                return;
            }

            if (contest.Complete.IsCompleted || lan.now - began >= AnswerGrace + HeadStart)
            {
                isElecting = true;
                Step();
                return;
            }

            lan.At(1, Elect);
        }

        private void Step()
        {
            if (IsLanded)
            {
                return;
            }

            if (lan.now - began > LanWait)
            {
                Go();
            }
            else if (board.TryGo(contest, Go) is { } favourite)
            {
                Node rival = lan.nodes.Find(node => node.Key == favourite)!;
                contest.Ask(favourite, board.Mark);
                int left = LanWait - (lan.now - began);
                Ask(rival, left, standing =>
                {
                    contest.Heard(favourite, standing);
                    lan.At(standing == Standing.Out ? 0 : Pause, Step);
                });
            }
        }

        /// <summary>One question; its answer, or that there is none, comes exactly once.</summary>
        private void Ask(Node other, int wait, Action<Standing> heard)
        {
            bool isAnswered = false;
            void Once(Standing standing)
            {
                if (!isAnswered)
                {
                    isAnswered = true;
                    if (standing == Standing.Holds)
                    {
                        Land(holds: true);
                    }

                    heard(standing);
                }
            }

            lan.At(Patience + wait, () => Once(Standing.Out));
            lan.Send(() => other.Serve(key, wait, standing => lan.Send(() => Once(standing))));
        }

        /// <summary>What Serving does: note the announcement, then read the own phase; with a wait, answer when the flight ends.</summary>
        private void Serve(PeerKey from, int wait, Action<Standing> answer)
        {
            board.Heard(ContestTests.Named(from), Wanted);
            if (wait == 0 || phase is Standing.Out or Standing.Holds)
            {
                answer(phase);
                return;
            }

            bool isAnswered = false;
            void Once()
            {
                if (!isAnswered)
                {
                    isAnswered = true;
                    answer(phase);
                }
            }

            waiting.Add(Once);
            lan.At(wait, Once);
        }

        private void Go()
        {
            phase = Standing.Fetching;
            lan.Fetches++;
            lan.MostAtOnce = Math.Max(lan.MostAtOnce, ++lan.fetching);
            lan.At(lan.random.Next(1, 3_000), () =>
            {
                lan.fetching--;
                Land(holds: lan.random.NextDouble() >= lan.weather.UpstreamFailure);
            });
        }

        private void Land(bool holds)
        {
            if (IsLanded)
            {
                return;
            }

            IsLanded = true;
            lan.Ended = lan.now;
            phase = holds ? Standing.Holds : Standing.Out;
            waiting.ForEach(static answer => answer());
            waiting.Clear();
        }
    }
}
