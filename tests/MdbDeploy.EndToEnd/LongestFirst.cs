using MdbDeploy.EndToEnd;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace MdbDeploy.EndToEnd;

/// <summary>The tests of a collection wait for each other: the collections that take longest start first, lest one of them runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest = [nameof(ActiveDirectory.Domain), nameof(ActiveDirectory.KilledPushes), nameof(Commands.PushTests), nameof(ConfigMgr.Kerberos.SigningInWithKerberos), nameof(Commands.BadInputTests), nameof(Commands.OffboardTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(Longest, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is var at and >= 0 ? at : Longest.Length)];
}
