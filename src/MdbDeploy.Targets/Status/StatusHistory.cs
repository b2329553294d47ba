using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using Microsoft.Data.Sqlite;

namespace MdbDeploy.Targets.Status;

/// <summary>
/// What <c>status</c> found over time: how many devices were in each condition, and since when those are that are not simply onboarded. An SQLite file in the project's
/// <c>.mdbdeploy/</c>; each run is one transaction, so that a killed one leaves nothing half written. Runs older than <see cref="Kept"/> are dropped.
/// </summary>
public sealed class StatusHistory : IDisposable
{
    /// <summary>Name of the file within <c>.mdbdeploy/</c>.</summary>
    public const string FileName = "history.db";

    // Raised with every change of the tables; a newer file than this program knows is left alone.
    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE run (id INTEGER PRIMARY KEY, time INTEGER NOT NULL);
        CREATE TABLE tally (run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, ring TEXT, method TEXT NOT NULL, condition INTEGER NOT NULL, devices INTEGER NOT NULL);
        CREATE INDEX tally_of_run ON tally(run);
        CREATE TABLE since (device TEXT PRIMARY KEY, condition INTEGER NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly SqliteConnection connection;

    private StatusHistory(SqliteConnection connection) => this.connection = connection;

    /// <summary>How long a run is kept.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromDays(400);

    /// <summary>Opens the history of a project, and makes it when it is not there.</summary>
    /// <param name="projectFolder">The project's folder.</param>
    /// <exception cref="TargetException">The file is none of ours, or of a newer version, or cannot be written.</exception>
    public static StatusHistory Open(string projectFolder)
    {
        var file = Path.Combine(projectFolder, ".mdbdeploy", FileName);
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, ForeignKeys = true, DefaultTimeout = 30 }.ToString());
            connection.Open();
            var history = new StatusHistory(connection);
            history.Prepare(file);
            return history;
        }
        catch (Exception broken) when (broken is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new TargetException(Problems.HistoryUnusable.At(new Location(file), $"The history cannot be used: {broken.Message.TrimEnd('.')}."), broken);
        }
        catch (TargetException)
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>How a device is called in the history: by its Entra device id, else its DNS name, else its name.</summary>
    public static string KeyOf(Device device) => device.EntraDeviceId?.ToString("D") ?? (device.Fqdn ?? device.Name).ToLowerInvariant();

    /// <summary>Since when devices have been in the condition that was found last; devices that are simply onboarded, or left out by plan, are not among them.</summary>
    public IReadOnlyDictionary<string, ConditionSince> Since()
    {
        var since = new Dictionary<string, ConditionSince>(StringComparer.Ordinal);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT device, condition, time FROM since";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            since[reader.GetString(0)] = new((DeviceCondition)reader.GetInt32(1), FromSeconds(reader.GetInt64(2)));
        }

        return since;
    }

    /// <summary>Writes down what was found.</summary>
    /// <param name="time">When it was found.</param>
    /// <param name="status">Where every device stands.</param>
    /// <exception cref="TargetException">The file cannot be written.</exception>
    public void Record(DateTimeOffset time, ImmutableArray<DeviceStatus> status)
    {
        try
        {
            using var transaction = connection.BeginTransaction();
            Run("DELETE FROM run WHERE time < $time", ("$time", ToSeconds(time - Kept)));
            Run("INSERT INTO run(time) VALUES ($time)", ("$time", ToSeconds(time)));
            var run = Number("SELECT last_insert_rowid()");
            foreach (var group in status.CountBy(s => (s.Planned.Ring, s.Planned.Method, s.Condition)))
            {
                Run("INSERT INTO tally(run, ring, method, condition, devices) VALUES ($run, $ring, $method, $condition, $devices)",
                    ("$run", run), ("$ring", (object?)group.Key.Ring ?? DBNull.Value), ("$method", group.Key.Method), ("$condition", (int)group.Key.Condition), ("$devices", group.Value));
            }

            RecordSince(time, status);
            transaction.Commit();
        }
        catch (SqliteException broken)
        {
            throw new TargetException(Problems.HistoryUnusable.At(new Location(connection.DataSource), $"The history cannot be written: {broken.Message.TrimEnd('.')}."), broken);
        }
    }

    /// <summary>The runs, oldest first.</summary>
    /// <param name="most">How many at most, the newest.</param>
    public ImmutableArray<StatusRun> Runs(int most)
    {
        var runs = new SortedDictionary<long, (DateTimeOffset Time, List<StatusTally> Tallies)>();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT run.id, run.time, ring, method, condition, devices FROM (SELECT * FROM run ORDER BY time DESC, id DESC LIMIT $most) AS run LEFT JOIN tally ON tally.run = run.id ORDER BY run.time, run.id, ring, method, condition";
        command.Parameters.AddWithValue("$most", most);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (!runs.TryGetValue(reader.GetInt64(0), out var run))
            {
                runs[reader.GetInt64(0)] = run = (FromSeconds(reader.GetInt64(1)), []);
            }

            if (!reader.IsDBNull(3))
            {
                run.Tallies.Add(new(reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3), (DeviceCondition)reader.GetInt32(4), reader.GetInt32(5)));
            }
        }

        return [.. runs.Values.OrderBy(run => run.Time).Select(run => new StatusRun(run.Time, [.. run.Tallies]))];
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private void Prepare(string file)
    {
        var version = Number("PRAGMA user_version");
        if (version > Version)
        {
            throw new TargetException(Problems.HistoryUnusable.At(new Location(file), $"The history is of version {version}, and this program knows {Version}: use the newer program."));
        }

        if (version == 0)
        {
            using var transaction = connection.BeginTransaction();
            Run(Tables);
            Run($"PRAGMA user_version = {Version}");
            transaction.Commit();
        }
    }

    private void RecordSince(DateTimeOffset time, ImmutableArray<DeviceStatus> status)
    {
        var before = Since();
        Run("DELETE FROM since");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT OR REPLACE INTO since(device, condition, time) VALUES ($device, $condition, $time)";
        var (device, condition, seconds) = (insert.Parameters.Add("$device", SqliteType.Text), insert.Parameters.Add("$condition", SqliteType.Integer), insert.Parameters.Add("$time", SqliteType.Integer));
        foreach (var one in status.Where(s => s.Condition is not (DeviceCondition.Onboarded or DeviceCondition.NotPlanned)))
        {
            device.Value = KeyOf(one.Planned.Device);
            condition.Value = (int)one.Condition;
            seconds.Value = ToSeconds(before.TryGetValue((string)device.Value, out var known) && known.Condition == one.Condition ? known.Since : time);
            insert.ExecuteNonQuery();
        }
    }

    private void Run(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }

    private long Number(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static long ToSeconds(DateTimeOffset time) => time.ToUnixTimeSeconds();

    private static DateTimeOffset FromSeconds(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}

/// <summary>A condition, and since when a device has been in it.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Since">Time of the first run that found it, to the second.</param>
public sealed record ConditionSince(DeviceCondition Condition, DateTimeOffset Since);

/// <summary>What one run of <c>status</c> found.</summary>
/// <param name="Time">When, to the second.</param>
/// <param name="Tallies">Devices per ring, method and condition.</param>
public sealed record StatusRun(DateTimeOffset Time, ImmutableArray<StatusTally> Tallies)
{
    /// <summary>Devices of a ring that are planned, and those of them that are onboarded.</summary>
    /// <param name="ring">Name of the ring; null for devices in none.</param>
    public (int Onboarded, int Planned) Of(string? ring)
    {
        var planned = Tallies.Where(t => string.Equals(t.Ring, ring, StringComparison.OrdinalIgnoreCase) && t.Method != Methods.None).ToList();
        return (planned.Where(t => t.Condition == DeviceCondition.Onboarded).Sum(t => t.Devices), planned.Sum(t => t.Devices));
    }
}

/// <summary>How many devices of a ring and method were in a condition.</summary>
/// <param name="Ring">Name of the ring; null for devices in none.</param>
/// <param name="Method">Onboarding method.</param>
/// <param name="Condition">The condition.</param>
/// <param name="Devices">Number of devices.</param>
public sealed record StatusTally(string? Ring, string Method, DeviceCondition Condition, int Devices);
