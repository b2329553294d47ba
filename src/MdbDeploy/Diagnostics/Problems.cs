using System.Collections.Immutable;
using System.Reflection;

namespace MdbDeploy.Diagnostics;

/// <summary>
/// The catalogue of everything that can be wrong with the input, in blocks by stage: 01 project file and command line, 02 inventory, 03 planning,
/// 04 packages, 05 templates, 06 bundle, 07 targets, 08 formats. README.md lists it; a test holds the two together.
/// </summary>
public static class Problems
{
    // 01: project file and command line

    // 02: inventory

    // 03: planning

    // 04: packages

    // 05: templates

    // 06: bundle

    // 07: targets

    // 08: formats

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
