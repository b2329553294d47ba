using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace MdbDeploy.Cmdlets;

/// <summary>
/// Keeps what the module needs to itself: its assemblies, also the ones of one operating system and the native SQLite, come from its own folder as the published
/// <c>.deps.json</c> says, and neither meet other versions that PowerShell or another module brought, nor are met by them
/// (learn.microsoft.com/powershell/scripting/dev-cross-plat/resolving-dependency-conflicts).
/// </summary>
public sealed class ModuleAssemblies : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly OwnContext Own = new(typeof(ModuleAssemblies).Assembly.Location);

    /// <inheritdoc/>
    public void OnImport() => AssemblyLoadContext.Default.Resolving += Resolve;

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => AssemblyLoadContext.Default.Resolving -= Resolve;

    // The cmdlets ask for these three; everything else is asked for by them, inside the module's own context.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is "mdbdeploy" or "MdbDeploy.Engine" or "MdbDeploy.Targets" ? Own.LoadFromAssemblyName(name) : null;

    private sealed class OwnContext(string module) : AssemblyLoadContext("MdbDeploy")
    {
        private readonly AssemblyDependencyResolver resolver = new(module);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

        protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
            resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;
    }
}
