using System.Globalization;
using BenchmarkDotNet.Running;
using MdbDeploy.Benchmarks;

if (args is ["graph-push", ..])
{
    await GraphPush.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20_000);
    return 0;
}

if (args is ["configmgr-push", ..])
{
    await ConfigMgrPush.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20_000);
    return 0;
}

if (args is ["floor", var file])
{
    // The floor that compare.py divides by, as a process of its own.
    return InventoryBenchmarks.Walk(file) > 0 ? 0 : 1;
}

if (args is ["phases", var inventory])
{
    InventoryBenchmarks.Phases(inventory);
    return 0;
}

if (args is ["nothing"])
{
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
