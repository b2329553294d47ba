using System.Collections.Immutable;
using System.Reflection;

namespace MdbDeploy.Diagnostics;

/// <summary>
/// The catalogue of everything that can be wrong with the input, in blocks by stage, a file each: 01 project file and command line, 02 inventory, 03 planning,
/// 04 packages, 05 templates, 06 bundle, 07 targets, 08 formats. README.md lists it; a test holds the two together.
/// </summary>
public static partial class Problems
{
    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All => Catalogue.Entries;

    // A class of its own: the order in which the fields of several files are set is not defined, so this must wait for all of them.
    private static class Catalogue
    {
        public static readonly ImmutableArray<Problem> Entries =
        [
            .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
        ];
    }
}
