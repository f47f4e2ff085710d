using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>A store together with the duty to close it.</summary>
internal interface IOpenModuleStore : IModuleStore, IAsyncDisposable;
