using System.Runtime.InteropServices;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>The bytes of a file that a request is for.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FilePart(long Offset, long Length)
{
    public long End => Offset + Length;

    /// <summary>Never more than there is; an offset beyond the end is refused.</summary>
    public static FilePart Of(Wire.FetchRequest request, long fileSize)
    {
        bool isEmpty = fileSize == 0 && request.Offset == 0;
        if (request.Offset >= (ulong)fileSize && !isEmpty)
        {
            throw Refusal.Of(StatusCode.OutOfRange, $"the file has {fileSize} bytes, and byte {request.Offset} was asked for");
        }

        ulong rest = (ulong)fileSize - request.Offset;
        return new FilePart((long)request.Offset, (long)(request.Length == 0 ? rest : Math.Min(rest, request.Length)));
    }
}
