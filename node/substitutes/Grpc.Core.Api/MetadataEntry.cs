using System.Buffers;
using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    /// <summary>A key, in lower case, and its value: text, or bytes when the key ends in <see cref="BinaryHeaderSuffix"/>.</summary>
    public class Entry
    {
        private static readonly SearchValues<char> KeyCharacters =
            SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

        private readonly string? text;
        private readonly byte[]? bytes;

        /// <summary>Bytes; they are copied.</summary>
        public Entry(string key, byte[] valueBytes)
            : this(key, binary: true)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            bytes = [.. valueBytes];
        }

        /// <summary>Text; only printable ASCII goes over the wire.</summary>
        public Entry(string key, string value)
            : this(key, binary: false)
        {
            ArgumentNullException.ThrowIfNull(value);
            text = value;
        }

        private Entry(string key, bool binary)
        {
            ArgumentNullException.ThrowIfNull(key);
            if (key.AsSpan().ContainsAnyExcept(KeyCharacters))
            {
                throw new ArgumentException("a metadata key has only letters, digits, '_', '-' and '.'", nameof(key));
            }

            Key = key.ToLowerInvariant();
            if (Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal) != binary)
            {
                throw new ArgumentException("a metadata key ends in -bin exactly when its value is bytes", nameof(key));
            }
        }

        /// <summary>The key, in lower case.</summary>
        public string Key { get; }

        /// <summary>Whether the value is bytes.</summary>
        public bool IsBinary => text is null;

        /// <summary>The text; throws when the value is bytes.</summary>
        public string Value => text ?? throw new InvalidOperationException("the value of a binary metadata entry is no text");

        /// <summary>A copy of the bytes, or the text as ASCII.</summary>
        public byte[] ValueBytes => bytes is null ? Encoding.ASCII.GetBytes(text!) : [.. bytes];

        /// <inheritdoc />
        public override string ToString() => IsBinary ? $"[Entry: key={Key}, valueBytes={bytes}]" : $"[Entry: key={Key}, value={text}]";

        internal bool HasKey(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);
    }
}
