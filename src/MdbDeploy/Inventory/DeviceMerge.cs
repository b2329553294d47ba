using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// Makes one device of the rows that describe it: of each field the first value in the order of trust; the latest sign of life; all managers. Where two values
/// are both true, such as "domain" and "hybrid", the more precise one counts and nothing is reported.
/// </summary>
internal static class DeviceMerge
{
    /// <summary>Order of rows for a device: by trust, the newer first, then by what they say, and only for equal rows by line.</summary>
    public static Comparison<int> Comparison(DeviceRows rows) => (a, b) =>
        rows.Source(a) != rows.Source(b) ? rows.Source(a).CompareTo(rows.Source(b))
        : Nullable.Compare(rows.LastSeen(b), rows.LastSeen(a)) is not 0 and var bySeen ? bySeen
        : a == b ? 0
        : ByContent(rows.Device(a), rows.Device(b)) is not 0 and var byContent ? byContent
        : rows.SingleOrigin(a)!.Value.Line.CompareTo(rows.SingleOrigin(b)!.Value.Line);

    /// <summary>Merges at least two rows, most trusted first.</summary>
    public static Device Merge(List<SourceRow> rows, ProblemLog problems)
    {
        var report = new Disagreements(rows, problems);
        report.SameFile();
        var first = rows[0].Device;
        var isGolden = report.GoldenImage();
        var named = rows.FindIndex(row => row.Device.OsName is not null && !row.Says.HasFlag(RowSays.VagueOs));
        var device = first with
        {
            Fqdn = First(rows, device => device.Fqdn),
            Domain = First(rows, device => device.Domain),
            OsName = named < 0 ? First(rows, device => device.OsName) : rows[named].Device.OsName,
            Os = report.Pick("operating system", row => row.Device.Os, OsFamily.Unknown, (_, _) => null),
            Edition = report.Pick("edition", row => row.Device.Edition, WindowsEdition.Unknown, MorePrecise),
            Build = report.PickBuild(),
            Role = report.Pick("role", row => row.Device.Role, DeviceRole.Unknown, MorePrecise),
            Join = report.Pick("join", row => row.Device.Join, JoinType.Unknown, MorePrecise),
            ManagedBy = Managers(rows),
            EntraDeviceId = First(rows, device => device.EntraDeviceId),
            IntuneDeviceId = First(rows, device => device.IntuneDeviceId),
            SmsId = First(rows, device => device.SmsId),
            AdObjectId = First(rows, device => device.AdObjectId),
            Serial = First(rows, device => device.Serial),
            Ou = First(rows, device => device.Ou),
            Site = report.PickText("site", device => device.Site, Problems.SitesDiffer),
            RequestedMethod = report.PickText("method", device => device.RequestedMethod, Problems.SourcesDisagree),
            RequestedRing = report.PickText("ring", device => device.RequestedRing, Problems.SourcesDisagree),
            Tags = Tags(rows),
            Vdi = report.Pick("virtual desktop kind", row => row.Device.Vdi, VdiKind.None, (_, _) => null),
            Image = report.PickText("image", device => device.Image, Problems.SourcesDisagree),
            IsGoldenImage = isGolden,
            Owner = First(rows, device => device.Owner),
            LastSeen = Latest(rows),
            State = report.State(),
            IsOnboarded = report.Onboarded(isGolden),
            Origins = Origins(rows),
        };
        report.Names();
        return device.Os is OsFamily.WindowsServer && device.Edition != WindowsEdition.Server ? device with { Edition = WindowsEdition.Server } : device;
    }

    private static T? First<T>(List<SourceRow> rows, Func<Device, T?> field)
    {
        foreach (var row in rows)
        {
            if (field(row.Device) is { } value)
            {
                return value;
            }
        }

        return default;
    }

    private static ImmutableArray<string> Tags(List<SourceRow> rows)
    {
        var row = rows.FindIndex(row => !row.Device.Tags.IsEmpty);
        return row < 0 ? [] : rows[row].Device.Tags;
    }

    private static Management Managers(List<SourceRow> rows)
    {
        var all = Management.None;
        foreach (var row in rows)
        {
            all |= row.Device.ManagedBy;
        }

        return all;
    }

    private static DateTimeOffset? Latest(List<SourceRow> rows)
    {
        DateTimeOffset? latest = null;
        foreach (var row in rows)
        {
            latest = row.Device.LastSeen > latest || latest is null ? row.Device.LastSeen : latest;
        }

        return latest;
    }

    private static ImmutableArray<Origin> Origins(List<SourceRow> rows)
    {
        var origins = new Origin[rows.Count];
        for (var i = 0; i < origins.Length; i++)
        {
            origins[i] = rows[i].Origin;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(origins);
    }

    /// <summary>Hybrid is domain and more; a registration of either kind adds nothing to the membership of a domain.</summary>
    private static JoinType? MorePrecise(JoinType a, JoinType b) => (a, b) switch
    {
        (JoinType.Hybrid, JoinType.Domain or JoinType.Registered) or (JoinType.Domain or JoinType.Registered, JoinType.Hybrid) => JoinType.Hybrid,
        (JoinType.Domain, JoinType.Registered or JoinType.Synthetic) or (JoinType.Registered or JoinType.Synthetic, JoinType.Domain) => JoinType.Domain,
        (JoinType.Entra, JoinType.Registered) or (JoinType.Registered, JoinType.Entra) => JoinType.Entra,
        _ => null,
    };

    /// <summary>"Enterprise" is also said of its long-term and multi-session editions.</summary>
    private static WindowsEdition? MorePrecise(WindowsEdition a, WindowsEdition b) => (a, b) switch
    {
        (WindowsEdition.Enterprise, WindowsEdition.EnterpriseLtsc or WindowsEdition.EnterpriseMultiSession or WindowsEdition.IotEnterprise) => b,
        (WindowsEdition.EnterpriseLtsc or WindowsEdition.EnterpriseMultiSession or WindowsEdition.IotEnterprise, WindowsEdition.Enterprise) => a,
        _ => null,
    };

    /// <summary>A domain controller is a server.</summary>
    private static DeviceRole? MorePrecise(DeviceRole a, DeviceRole b) => (a, b) switch
    {
        (DeviceRole.Server, DeviceRole.DomainController) or (DeviceRole.DomainController, DeviceRole.Server) => DeviceRole.DomainController,
        _ => null,
    };

    private static int ByContent(Device a, Device b)
    {
        int order;
        return (order = string.CompareOrdinal(a.Name, b.Name)) != 0 ? order
            : (order = Nullable.Compare(a.EntraDeviceId, b.EntraDeviceId)) != 0 ? order
            : (order = string.CompareOrdinal(a.Serial, b.Serial)) != 0 ? order
            : (order = Nullable.Compare(a.IntuneDeviceId, b.IntuneDeviceId)) != 0 ? order
            : (order = Nullable.Compare(a.SmsId, b.SmsId)) != 0 ? order
            : (order = Nullable.Compare(a.AdObjectId, b.AdObjectId)) != 0 ? order
            : (order = string.CompareOrdinal(a.Fqdn, b.Fqdn)) != 0 ? order
            : (order = string.CompareOrdinal(a.Domain, b.Domain)) != 0 ? order

            // The rest never decides between keys; its text form is good enough, and seldom needed.
            : string.CompareOrdinal(Rest(a), Rest(b));
    }

    private static string Rest(Device device) => (device with { Origins = [], Tags = [] }).ToString() + string.Join('\n', device.Tags);

    /// <summary>Picks values and reports where rows disagree.</summary>
    private sealed class Disagreements(List<SourceRow> rows, ProblemLog problems)
    {
        public T Pick<T>(string what, Func<SourceRow, T> field, T nothing, Func<T, T, T?> morePrecise)
            where T : struct, Enum
        {
            var picked = nothing;
            var from = default(SourceRow);
            foreach (var row in rows)
            {
                var value = IsVague<T>(row) ? nothing : field(row);
                if (Same(value, nothing) || Same(value, picked))
                {
                    continue;
                }

                if (Same(picked, nothing))
                {
                    (picked, from) = (value, row);
                }
                else if (morePrecise(picked, value) is { } precise)
                {
                    (picked, from) = (precise, Same(precise, value) ? row : from);
                }
                else
                {
                    Report(row, what, value.ToString(), from, picked.ToString());
                }
            }

            // A mere "Windows" says client as long as no other source says more.
            var vague = Same(picked, nothing) ? rows.FindIndex(row => !Same(field(row), nothing)) : -1;
            return vague < 0 ? picked : field(rows[vague]);
        }

        public string? PickText(string what, Func<Device, string?> field, Problem problem)
        {
            string? picked = null;
            var from = default(SourceRow);
            foreach (var row in rows)
            {
                if (field(row.Device) is not { } value)
                {
                    continue;
                }

                if (picked is null)
                {
                    (picked, from) = (value, row);
                }
                else if (!value.Equals(picked, StringComparison.OrdinalIgnoreCase))
                {
                    Report(row, what, RowNotes.Show(value), from, RowNotes.Show(picked), problem);
                }
            }

            return picked;
        }

        public WindowsBuild? PickBuild()
        {
            WindowsBuild? picked = null;
            var from = default(SourceRow);
            foreach (var row in rows)
            {
                if (row.Device.Build is not { } build)
                {
                    continue;
                }

                if (picked is not { } known)
                {
                    (picked, from) = (build, row);
                }
                else if (build.Number != known.Number)
                {
                    Report(row, "build", build.ToString(), from, known.ToString());
                }
                else if (known.Revision is null)
                {
                    // Active Directory does not know the revision; whoever does completes it.
                    picked = build;
                }
            }

            return picked;
        }

        /// <summary>A golden image must never be onboarded, so any source that calls it one is believed.</summary>
        public bool GoldenImage()
        {
            var golden = rows.FindIndex(row => row.Device.IsGoldenImage);
            if (golden < 0)
            {
                return false;
            }

            foreach (var row in rows)
            {
                if (row.Says.HasFlag(RowSays.NotGolden))
                {
                    Report(row, "golden image", "no", rows[golden], "yes");
                }
            }

            return true;
        }

        /// <summary>A golden image must never be onboarded, so any source that says it is one is believed.</summary>
        public bool? Onboarded(bool isGolden)
        {
            var said = rows.FindAll(row => row.Device.IsOnboarded is not null);
            var kept = isGolden && said.FindIndex(row => row.Device.IsOnboarded == true) is >= 0 and var onboarded ? onboarded : 0;
            foreach (var row in said)
            {
                if (row.Device.IsOnboarded != said[kept].Device.IsOnboarded)
                {
                    Report(row, "onboarded", Word(row), said[kept], Word(said[kept]));
                }
            }

            return said.Count == 0 ? null : said[kept].Device.IsOnboarded;

            static string Word(SourceRow row) => row.Device.IsOnboarded == true ? "yes" : "no";
        }

        public DeviceState State()
        {
            var first = rows.FindIndex(row => row.Says.HasFlag(RowSays.State));
            if (first < 0)
            {
                return DeviceState.Active;
            }

            var state = rows[first].Device.State;
            foreach (var row in rows)
            {
                if (row.Says.HasFlag(RowSays.State) && row.Device.State != state)
                {
                    Report(row, "state", row.Device.State.ToString(), rows[first], state.ToString());
                }
            }

            return state;
        }

        public void Names()
        {
            var kept = rows[0];
            foreach (var row in rows)
            {
                if (row.Source != kept.Source && !row.Device.Name.Equals(kept.Device.Name, StringComparison.OrdinalIgnoreCase))
                {
                    var name = RowNotes.Show(kept.Device.Name);
                    Add(Problems.DeviceWasRenamed, row, $"'{RowNotes.Show(row.Device.Name)}' is called '{name}' in {Place(kept)}, which is more trusted.");
                }
            }
        }

        public void SameFile()
        {
            for (var i = 1; i < rows.Count; i++)
            {
                if (rows[i].Source == rows[i - 1].Source)
                {
                    var first = rows.Find(row => row.Source == rows[i].Source).Origin.Line;
                    Add(
                        Problems.RowsDescribeOneDevice,
                        rows[i],
                        $"'{RowNotes.Show(rows[i].Device.Name)}' is the same device as in line {first}, whose values come first; the rows were merged.");
                }
            }
        }

        private static bool Same<T>(T a, T b)
            where T : struct, Enum => EqualityComparer<T>.Default.Equals(a, b);

        private static bool IsVague<T>(SourceRow row) => (typeof(T) == typeof(OsFamily) || typeof(T) == typeof(DeviceRole)) && row.Says.HasFlag(RowSays.VagueOs);

        private static string Place(SourceRow row) => $"{row.Origin.File}({row.Origin.Line})";

        private void Report(SourceRow row, string what, string value, SourceRow kept, string keptValue, Problem? problem = null) =>
            Add(problem ?? Problems.SourcesDisagree, row, $"'{RowNotes.Show(row.Device.Name)}': {what} is {value} here and {keptValue} in {Place(kept)}; {keptValue} was kept.");

        private void Add(Problem problem, SourceRow row, string message) =>
            problems.Add(row.Source, problem.At(new Location(row.Origin.File, row.Origin.Line, Subject: rows[0].Device.Name), message));
    }
}
