using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// Go's <c>path.Match</c>, exactly: <c>*</c> and <c>?</c> stop at a slash, classes are <c>[a-z]</c> and <c>[^a-z]</c>, a
/// backslash takes the next character as it is. Literals are compared byte by byte, classes and <c>?</c> take one
/// character. A malformed pattern never matches. Time: pattern times name, whatever the pattern.
/// </summary>
internal static class PathGlob
{
    private enum Step
    {
        Matched,
        Failed,
        Malformed,
    }

    /// <param name="pattern">UTF-8.</param>
    /// <param name="name">UTF-8.</param>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        while (!pattern.IsEmpty)
        {
            ReadOnlySpan<byte> chunk = NextChunk(ref pattern, out bool star);
            if (star && chunk.IsEmpty)
            {
                return !name.Contains((byte)'/');
            }

            if (!TakeChunk(chunk, star, isLast: pattern.IsEmpty, ref name))
            {
                return false;
            }
        }

        return name.IsEmpty;
    }

    // Takes the first place where the chunk fits and never comes back to it, as Go does: that is what keeps the time linear.
    private static bool TakeChunk(scoped ReadOnlySpan<byte> chunk, bool star, bool isLast, ref ReadOnlySpan<byte> name)
    {
        int skips = 0;
        if (star)
        {
            int slash = name.IndexOf((byte)'/');
            skips = slash < 0 ? name.Length : slash;
        }

        for (int skipped = 0; skipped <= skips; skipped++)
        {
            Step step = MatchChunk(chunk, name[skipped..], out ReadOnlySpan<byte> rest);
            if (step == Step.Malformed)
            {
                return false;
            }

            if (step == Step.Matched && (!isLast || rest.IsEmpty))
            {
                name = rest;
                return true;
            }
        }

        return false;
    }

    // Up to the next star outside of a class; the stars before it are taken along.
    private static ReadOnlySpan<byte> NextChunk(ref ReadOnlySpan<byte> pattern, out bool star)
    {
        ReadOnlySpan<byte> rest = pattern.TrimStart((byte)'*');
        star = rest.Length < pattern.Length;
        bool inClass = false;
        int end = 0;
        for (; end < rest.Length && (rest[end] != '*' || inClass); end++)
        {
            inClass = rest[end] switch
            {
                (byte)'[' => true,
                (byte)']' => false,
                _ => inClass,
            };
            end += rest[end] == '\\' && end + 1 < rest.Length ? 1 : 0;
        }

        pattern = rest[end..];
        return rest[..end];
    }

    // Goes to the chunk's end even after a mismatch: only so a malformed class is seen wherever it stands.
    private static Step MatchChunk(scoped ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rest)
    {
        bool failed = false;
        while (!chunk.IsEmpty)
        {
            failed = failed || name.IsEmpty;
            switch (chunk[0])
            {
                case (byte)'[':
                    Rune character = failed ? default : TakeRune(ref name);
                    if (!TakeClass(ref chunk, character, out bool isIn))
                    {
                        rest = default;
                        return Step.Malformed;
                    }

                    failed = failed || !isIn;
                    break;
                case (byte)'?':
                    failed = failed || name[0] == '/';
                    if (!failed)
                    {
                        TakeRune(ref name);
                    }

                    chunk = chunk[1..];
                    break;
                case (byte)'\\' when chunk.Length == 1:
                    rest = default;
                    return Step.Malformed;
                default:
                    chunk = chunk[0] == '\\' ? chunk[1..] : chunk;
                    failed = failed || chunk[0] != name[0];
                    name = failed ? name : name[1..];
                    chunk = chunk[1..];
                    break;
            }
        }

        rest = name;
        return failed ? Step.Failed : Step.Matched;
    }

    private static bool TakeClass(ref ReadOnlySpan<byte> chunk, Rune character, out bool isIn)
    {
        chunk = chunk[1..];
        bool negated = !chunk.IsEmpty && chunk[0] == '^';
        chunk = negated ? chunk[1..] : chunk;
        bool listed = false;
        for (int ranges = 0; ranges == 0 || chunk[0] != ']'; ranges++)
        {
            // Success leaves at least one byte behind, so that chunk[0] is safe.
            if (!TakeClassCharacter(ref chunk, out Rune low))
            {
                isIn = false;
                return false;
            }

            Rune high = low;
            if (chunk[0] == '-')
            {
                chunk = chunk[1..];
                if (!TakeClassCharacter(ref chunk, out high))
                {
                    isIn = false;
                    return false;
                }
            }

            listed = listed || (low <= character && character <= high);
        }

        chunk = chunk[1..];
        isIn = listed != negated;
        return true;
    }

    private static bool TakeClassCharacter(ref ReadOnlySpan<byte> chunk, out Rune character)
    {
        character = default;
        if (chunk.IsEmpty || chunk[0] is (byte)'-' or (byte)']')
        {
            return false;
        }

        chunk = chunk[0] == '\\' ? chunk[1..] : chunk;
        if (chunk.IsEmpty || Rune.DecodeFromUtf8(chunk, out character, out int length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        chunk = chunk[length..];
        return !chunk.IsEmpty;
    }

    private static Rune TakeRune(ref ReadOnlySpan<byte> name)
    {
        // Go takes one byte of what is no UTF-8.
        bool valid = Rune.DecodeFromUtf8(name, out Rune character, out int length) == System.Buffers.OperationStatus.Done;
        name = name[(valid ? length : 1)..];
        return character;
    }
}
