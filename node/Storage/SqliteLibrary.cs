using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Which SQLite is loaded. The one bundled with the package can be years old; the operating system's gets security
/// fixes, so it is taken where there is one.
/// </summary>
internal static class SqliteLibrary
{
    private const string ProviderAssembly = "SQLitePCLRaw.provider.e_sqlite3";
    private const string BundledName = "e_sqlite3";
    private const string SystemName = "libsqlite3.so.0";

    private static readonly Lazy<bool> SystemTaken = new(TakeSystemLibrary);

    /// <summary>Must be called before the first connection is made; later calls do nothing.</summary>
    public static void Prepare() => _ = SystemTaken.Value;

    /// <summary>For <c>athens version</c>: e.g. <c>3.40.1 (libsqlite3.so.0)</c> or <c>3.35.5 (bundled)</c>.</summary>
    public static string Describe()
    {
        Prepare();
        using var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        connection.Open();
        return $"{connection.ServerVersion} ({(SystemTaken.Value ? SystemName : "bundled")})";
    }

    private static bool TakeSystemLibrary()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad(SystemName, out var library))
        {
            return false;
        }

        try
        {
            var provider = Assembly.Load(ProviderAssembly);
            NativeLibrary.SetDllImportResolver(
                provider, (name, _, _) => string.Equals(name, BundledName, StringComparison.Ordinal) ? library : IntPtr.Zero);
            return true;
        }
        catch (Exception error) when (error is IOException or BadImageFormatException or InvalidOperationException)
        {
            // Another provider, or one that has its resolver already: the bundled library serves as well.
            NativeLibrary.Free(library);
            return false;
        }
    }
}
