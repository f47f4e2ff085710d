using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Support;

/// <summary>
/// Chooses the SQLite library before any test can open a database by itself: once some of its functions are bound to one library and the rest to
/// another, the process ends.
/// </summary>
internal static class SqliteOfTests
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Nobody refers to the assembly of the tests.")]
    internal static void Choose() => SqliteLibrary.Prepare();
}
