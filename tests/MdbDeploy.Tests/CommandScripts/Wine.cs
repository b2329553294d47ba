using System.Diagnostics;
using System.Text;

namespace MdbDeploy.Tests.CommandScripts;

/// <summary>The cmd.exe and reg.exe of Wine, on a C: and a registry of their own, made once for all tests that use them. Shared by collection.</summary>
/// <remarks>
/// Wine 8, which Debian 12 has, knows neither eventcreate nor services; for those, and for powershell.exe, stand-ins are there that write their command line
/// down. Not proven by it: what Windows itself does, and delayed expansion, which Wine 8 gets wrong and no rendered script uses.
/// </remarks>
public sealed class Wine : IDisposable
{
    private const string Program = "/usr/bin/wine";

    private readonly string folder = Directory.CreateTempSubdirectory("mdb-wine-").FullName;

    public Wine()
    {
        if (Missing is not null)
        {
            return;
        }

        // The first call makes the prefix.
        Start(["cmd", "/d", "/c", "exit 0"], null, null, "").ExitCode.ShouldBe(0);
        PowerShell = Path.Combine(Drive, "windows", "system32", "WindowsPowerShell", "v1.0", "powershell.exe");
        Put(PowerShell, "@set MDB_LINE>>C:\\calls.txt\r\n@exit /b %MDB_EXIT%\r\n");
        Directory.CreateDirectory(Path.Combine(Drive, "standins"));
        File.WriteAllBytes(Path.Combine(Drive, "standins", "ping.exe"), StandIn.Nothing);
        Put(Path.Combine(Drive, "standins", "eventcreate.exe"), "@set MDB_LINE>>C:\\calls.txt\r\n@exit /b 0\r\n");
        Put(Path.Combine(Drive, "standins", "net.exe"), """
            @echo off
            set MDB_LINE>>C:\calls.txt
            for /f "tokens=2" %%v in ("%MDB_LINE%") do set verb=%%v
            if "%verb%"=="session" exit /b %MDB_SESSION%
            if not "%MDB_STARTS%"=="1" exit /b 2
            >C:\sense.txt echo         STATE              : 4  RUNNING
            if defined MDB_STATE reg add "HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status" /v OnboardingState /t REG_DWORD /d %MDB_STATE% /f /reg:64
            exit /b 0

            """.ReplaceLineEndings("\r\n"));
        Put(Path.Combine(Drive, "standins", "sc.exe"), "@type C:\\sense.txt\r\n");
    }

    /// <summary>Why these tests cannot run here; null when they can.</summary>
    public static string? Missing { get; } = File.Exists(Program) ? null : "needs Wine for its cmd.exe (Debian: apt install --no-install-recommends wine wine64)";

    /// <summary>C: as a folder.</summary>
    public string Drive => Path.Combine(folder, "prefix", "drive_c");

    private string PowerShell { get; } = "";

    /// <summary>What the stand-ins were called with since the last <see cref="Forget"/>.</summary>
    public IReadOnlyList<string> Calls => File.Exists(Path.Combine(Drive, "calls.txt"))
        ? [.. File.ReadAllLines(Path.Combine(Drive, "calls.txt"), Encoding.UTF8).Select(l => l.Replace("MDB_LINE=", "", StringComparison.Ordinal))]
        : [];

    /// <summary>Runs lines in cmd.exe as a script of its own, with nobody at the keyboard.</summary>
    /// <param name="command">The lines.</param>
    /// <param name="workingFolder">Where; the root of C: by default.</param>
    /// <param name="environment">More variables.</param>
    /// <param name="input">What is typed.</param>
    public (int ExitCode, string Output) Run(string command, string? workingFolder = null, IEnumerable<(string Name, string Value)>? environment = null, string input = "") =>
        Start(["cmd", "/d", "/c", Script(command)], workingFolder, environment, input);

    /// <summary>Starts a file as a double-click does: by its full path, and Windows finds out that cmd.exe runs it.</summary>
    public (int ExitCode, string Output) Open(string file, IEnumerable<(string Name, string Value)>? environment = null, params string[] arguments) =>
        Start([Path.GetFullPath(file), .. arguments], null, environment, "");

    /// <summary>A string or number of the registry as <c>reg query</c> writes it; null when it is not there.</summary>
    public string? Registry(string key, string name)
    {
        var (code, output) = Start(["reg", "query", key, "/v", name, "/reg:64"], null, null, "");
        return code != 0 ? null : output.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split("    ", 2)[^1];
    }

    /// <summary>Forgets the calls.</summary>
    public void Forget() => File.Delete(Path.Combine(Drive, "calls.txt"));

    /// <summary>A device that nobody onboarded: the service is stopped, the keys of Defender are not there.</summary>
    public void Reset()
    {
        Forget();
        File.WriteAllText(Path.Combine(Drive, "sense.txt"), "        STATE              : 1  STOPPED\r\n");
        Run($"reg delete \"{PortalScriptTests.Policy}\" /f /reg:64\nreg delete \"{PortalScriptTests.Sensor}\" /f /reg:64");
    }

    /// <summary>A folder to call Windows, in which reg.exe refuses a verb and does what it does otherwise.</summary>
    public string WithoutRegistry(string verb)
    {
        Directory.CreateDirectory(Path.Combine(Drive, "no-" + verb, "System32"));
        // reg.exe is asked by its path, so all behind "reg.exe " is what it was asked.
        Put(Path.Combine(Drive, "no-" + verb, "System32", "reg.exe"), $$"""
            @echo off
            for /f "tokens=2" %%v in ("%MDB_LINE%") do set verb=%%v
            if "%verb%"=="{{verb}}" exit /b 1
            C:\windows\system32\reg.exe %MDB_LINE:*reg.exe =%
            exit /b %ERRORLEVEL%
            """);
        return $"C:\\no-{verb}";
    }

    /// <summary>Does something while there is no powershell.exe.</summary>
    public T WithoutPowerShell<T>(Func<T> act)
    {
        var home = Path.GetDirectoryName(PowerShell)!;
        Directory.Move(home, home + ".away");
        try
        {
            return act();
        }
        finally
        {
            Directory.Move(home + ".away", home);
        }
    }

    public void Dispose()
    {
        if (Missing is null)
        {
            // Ends the processes of this prefix and no others.
            using var end = Process.Start(Prepare(Program + "server", ["-k"], null, null))!;
            end.WaitForExit();
        }

        Directory.Delete(folder, recursive: true);
    }

    private string Script(string lines)
    {
        File.WriteAllText(Path.Combine(Drive, "test.cmd"), "@echo off\r\n" + lines.ReplaceLineEndings("\r\n") + "\r\nexit /b %ERRORLEVEL%\r\n");
        return @"C:\test.cmd";
    }

    private static void Put(string program, string script)
    {
        File.Delete(program);
        File.WriteAllBytes(program, StandIn.Program);
        File.WriteAllText(program + ".cmd", script);
    }

    private (int ExitCode, string Output) Start(IEnumerable<string> arguments, string? workingFolder, IEnumerable<(string Name, string Value)>? environment, string input)
    {
        // Files instead of pipes: Wine's own services inherit them, and a pipe would be open for as long as they live.
        File.WriteAllText(Path.Combine(folder, "in"), input);
        using var process = Process.Start(Prepare("sh", ["-c", "exec \"$0\" \"$@\" <\"$HOME/in\" >\"$HOME/out\" 2>/dev/null", Program, .. arguments], workingFolder, environment))!;
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText(Path.Combine(folder, "out")));
    }

    private ProcessStartInfo Prepare(string program, IEnumerable<string> arguments, string? workingFolder, IEnumerable<(string Name, string Value)>? environment)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = workingFolder ?? (Directory.Exists(Drive) ? Drive : folder),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        start.Environment.Remove("DISPLAY");
        // Tests of other scripts may have set it in this process just now.
        start.Environment.Remove("MDBDEPLOY_RUN_SYNTHETIC");
        start.Environment["HOME"] = folder;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["WINEPREFIX"] = Path.Combine(folder, "prefix");
        start.Environment["WINEARCH"] = "win64";
        start.Environment["WINEDEBUG"] = "-all";
        start.Environment["WINEPATH"] = @"C:\standins";
        // Nothing is to be downloaded, nothing entered into a menu, and our powershell.exe counts, not Wine's.
        start.Environment["WINEDLLOVERRIDES"] = "mscoree,mshtml=;winemenubuilder.exe=d;powershell.exe=n;net.exe,sc.exe,ping.exe=n,b";
        return start;
    }
}
