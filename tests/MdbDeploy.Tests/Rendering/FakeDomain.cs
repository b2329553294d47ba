namespace MdbDeploy.Tests.Rendering;

/// <summary>The domain as System.DirectoryServices gives it, which only Windows has; a script finds it by a type accelerator. Its identifier is S-1-5-21-1-2-3.</summary>
public sealed class FakeDomain
{
    private FakeDomain()
    {
    }

    public static FakeDomain GetDomain(object context) => context is null ? throw new ArgumentNullException(nameof(context)) : new();

    public static FakeDomain GetComputerDomain() => new();

    public FakeDirectoryEntry GetDirectoryEntry() => new();
}

/// <summary>The entry of the domain.</summary>
public sealed class FakeDirectoryEntry
{
    public Dictionary<string, FakeProperty> Properties { get; } = new() { ["objectSid"] = new FakeProperty([1, 4]) };
}

/// <summary>A property of an entry.</summary>
public sealed record FakeProperty(IReadOnlyList<byte> Value);
