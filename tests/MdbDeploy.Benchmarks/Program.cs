using System.Globalization;
using BenchmarkDotNet.Running;
using MdbDeploy.Benchmarks;

if (args is ["graph-push", ..])
{
    await GraphPush.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20_000);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
