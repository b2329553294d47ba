using System.Diagnostics.CodeAnalysis;

namespace MdbDeploy.Diagnostics;

/// <summary>The result of a step: a value when nothing prevented it, and everything that was noticed on the way.</summary>
/// <typeparam name="T">What the step makes.</typeparam>
public sealed class Outcome<T>
    where T : class
{
    /// <summary>Creates an outcome. An error among <paramref name="diagnostics"/> means that there is no value.</summary>
    public Outcome(T? value, IReadOnlyList<Diagnostic> diagnostics)
    {
        Diagnostics = diagnostics;
        Value = diagnostics.Any(d => d.Severity == Severity.Error) ? null : value;
    }

    /// <summary>What the step made; null when there are errors.</summary>
    public T? Value { get; }

    /// <summary>Everything noticed, in the order in which a reader would look for it.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>Whether there is a value.</summary>
    /// <param name="value">The value.</param>
    public bool Succeeded([NotNullWhen(true)] out T? value)
    {
        value = Value;
        return value is not null;
    }
}
