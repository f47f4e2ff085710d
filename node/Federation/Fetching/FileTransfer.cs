using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Brings one file in one stream after the other until it is whole: where one holder breaks off, the next one of the same
/// SHA-256 goes on. Every byte is hashed on its way.
/// </summary>
internal sealed class FileTransfer
{
    private readonly Transfer transfer;
    private readonly FileTarget target;
    private readonly Func<Holder, FileRequest?> requestOf;
    private readonly StreamRace race;

    /// <summary>Who gave which bytes of what is there now, in order.</summary>
    private readonly List<Part> parts = [];

    /// <summary>Parts of a file that turned out wrong; one of them is from a liar.</summary>
    private readonly List<(Part Part, string Sha256)> suspects = [];

    /// <summary>The SHA-256 of the file that is being put together.</summary>
    private string sha256 = "";
    private long position;

    /// <summary>After a file of several parts was wrong: every holder gives all of it, and answers for it alone.</summary>
    private bool isAlone;

    /// <param name="requestOf">The whole file, as a holder has it; null when it has none that is wanted. A request without SHA-256 is never resumed.</param>
    public FileTransfer(Transfer transfer, FileTarget target, Func<Holder, FileRequest?> requestOf)
    {
        this.transfer = transfer;
        this.target = target;
        this.requestOf = requestOf;
        race = new StreamRace(transfer, target.What, Remainder);
    }

    /// <summary>What was asked for and is whole in the target now; null when no holder is left.</summary>
    /// <exception cref="IOException">This node's disk.</exception>
    public async Task<FileRequest?> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await race.OpenAsync(cancellationToken) is { } opened)
            {
                if (await TakeAsync(opened.Stream, opened.Request, cancellationToken))
                {
                    return opened.Request;
                }
            }
            else if (position > 0)
            {
                // Nobody is left who has the rest of this file. Somebody may have another file that would do.
                Restart("");
            }
            else
            {
                return null;
            }
        }
    }

    private FileRequest? Remainder(Holder holder)
    {
        if (requestOf(holder) is not { } request)
        {
            return null;
        }

        return position == 0 ? request
            : request.Sha256 == sha256 ? request with { Offset = position, Length = request.FileSize - position }
            : null;
    }

    private async Task<bool> TakeAsync(CheckedStream stream, FileRequest request, CancellationToken cancellationToken)
    {
        if (request.Offset == 0)
        {
            Restart(request.Sha256);
        }

        long from = position;
        try
        {
            while (await stream.ReadAsync() is { Length: > 0 } bytes)
            {
                target.Append(bytes.Span);
                position += bytes.Length;
            }

            transfer.Hedging.Rates.Add(stream.Taken, stream.Elapsed);
            AddPart(stream.Holder, from);
            return Judge(stream, request);
        }
        catch (HolderFailedException failure)
        {
            transfer.State.Failed(stream.Holder, failure, target.What);
            transfer.Struggling();
            if (failure.Fault == PeerFault.Lied || request.Sha256.Length == 0 || isAlone)
            {
                Restart("");
            }
            else
            {
                transfer.State.Count(stream.Holder, stream.Taken);
                AddPart(stream.Holder, from);
            }

            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            transfer.State.Overtaken(stream, target.What);
            throw;
        }
        finally
        {
            transfer.Abandon(stream);
        }
    }

    private void AddPart(Holder holder, long from)
    {
        if (position > from)
        {
            parts.Add(new Part(holder, from, position - from));
        }
    }

    /// <summary>All bytes are there: are they the right ones, and if not, whose fault is it?</summary>
    private bool Judge(CheckedStream last, FileRequest request)
    {
        if (target.Judge(request) is not { } evidence)
        {
            transfer.State.Gave(last);
            foreach ((Part part, string wrong) in suspects.Where(suspect => request.Sha256.Length > 0 && suspect.Part.Sha256 == request.Sha256))
            {
                if (target.HashOf(part.Offset, part.Length) is var right && right != wrong)
                {
                    transfer.State.Lied(part.Holder, target.What,
                        $"bytes {part.Offset} to {part.Offset + part.Length} have sha256 {wrong}, in the file that it states they have {right}");
                }
            }

            return true;
        }

        transfer.Struggling();
        if (parts.Select(static part => part.Holder).Distinct().Count() == 1)
        {
            transfer.State.Lied(last.Holder, target.What, evidence);
        }
        else
        {
            isAlone = true;
            suspects.AddRange(parts.Select(part => (part with { Sha256 = request.Sha256 }, target.HashOf(part.Offset, part.Length))));
            transfer.Logger.PartsDoNotFit(transfer.Module, string.Join(", ", parts.Select(static part => part.Holder.Peer.Options.Name).Distinct()));
        }

        Restart("");
        return false;
    }

    private void Restart(string key)
    {
        sha256 = key;
        position = 0;
        parts.Clear();
        target.Restart();
    }

    private sealed record Part(Holder Holder, long Offset, long Length)
    {
        /// <summary>Of the whole file it was to be a part of.</summary>
        public string Sha256 { get; init; } = "";
    }
}
