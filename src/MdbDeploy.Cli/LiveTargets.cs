using System.Net;
using Azure.Core;
using MdbDeploy.Diagnostics;
using MdbDeploy.Projects;
using MdbDeploy.Targets;
using MdbDeploy.Targets.ActiveDirectory;
using MdbDeploy.Targets.ConfigMgr;
using MdbDeploy.Targets.Graph;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Cli;

/// <summary>The live systems that a project names under <c>targets:</c>, signed in to when first used.</summary>
internal sealed class LiveTargets : IDisposable
{
    private const string PasswordVariable = "MDBDEPLOY_CONFIGMGR_PASSWORD";

    private readonly List<IDisposable> connections = [];

    private LiveTargets()
    {
    }

    /// <summary>Reads secrets from the environment.</summary>
    public static Func<string, string?> Secrets { get; } = Environment.GetEnvironmentVariable;

    /// <summary>The targets that resources are pushed to.</summary>
    public List<ITarget> All { get; } = [];

    /// <summary>Microsoft Graph and Defender; null when the project does not name them.</summary>
    public GraphConnection? Graph { get; private set; }

    /// <summary>The AdminService; null when the project does not name it.</summary>
    public ConfigMgrConnection? ConfigMgr { get; private set; }

    /// <summary>Names of the targets that a project configures, as the command line names them.</summary>
    public static string[] Configured(DeploymentProject project) => [.. project.Targets.Keys.Select(key => key == "activeDirectory" ? "active-directory" : key)];

    /// <summary>Opens the targets of a project. Nothing is sent yet.</summary>
    /// <param name="project">The project.</param>
    /// <param name="only">Names of the targets wanted; empty for all that are configured.</param>
    /// <param name="time">The clock.</param>
    /// <param name="secrets">Where secrets come from, by the name of the environment variable.</param>
    /// <param name="tell">Shows a person where to enter a sign-in code.</param>
    /// <param name="insecure">Takes any certificate of the site.</param>
    /// <exception cref="InputException">The settings of a target have errors.</exception>
    public static LiveTargets Open(DeploymentProject project, IReadOnlyCollection<string> only, TimeProvider time, Func<string, string?> secrets, Action<string> tell, bool insecure = false)
    {
        var targets = new LiveTargets();
        var diagnostics = new List<Diagnostic>();
        foreach (var missing in only.Where(name => !project.Targets.ContainsKey(KeyOf(name))))
        {
            diagnostics.Add(Problems.TargetNotConfigured.At(Location.Of(missing), $"mdbdeploy.yaml names no target '{missing}'."));
        }

        if (project.Targets.TryGetValue("graph", out var graph) && (only.Count == 0 || only.Contains("graph")))
        {
            targets.OpenGraph(GraphSettings.Read(graph, project.Folder), Path.Combine(project.Folder, ".mdbdeploy", "graph.approvals.json"), time, secrets, tell, diagnostics);
        }

        if (project.Targets.TryGetValue("configmgr", out var configMgr) && (only.Count == 0 || only.Contains("configmgr")))
        {
            var graphSignIn = project.Targets.TryGetValue("graph", out var tenant) ? GraphSettings.Read(tenant, project.Folder).Value?.SignIn : null;
            targets.OpenConfigMgr(ConfigMgrSettings.Read(configMgr, project.Folder), graphSignIn, time, secrets, tell, diagnostics, insecure);
        }

        // Only when it is asked for by name: many who render Group Policy hand it over and may not write.
        if (project.Targets.TryGetValue("activeDirectory", out var domain) && only.Contains("active-directory"))
        {
            targets.OpenActiveDirectory(ActiveDirectorySettings.Read(domain), diagnostics);
        }

        if (diagnostics.Any(d => d.Severity == Severity.Error))
        {
            targets.Dispose();
            throw new InputException(diagnostics);
        }

        return targets;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => connections.ForEach(c => c.Dispose());

    private void OpenGraph(Outcome<GraphSettings> read, string approvals, TimeProvider time, Func<string, string?> secrets, Action<string> tell, List<Diagnostic> diagnostics)
    {
        diagnostics.AddRange(read.Diagnostics);
        if (!read.Succeeded(out var settings))
        {
            return;
        }

        var credential = SignIn.Create(settings.SignIn, secrets, tell);
        diagnostics.AddRange(credential.Diagnostics);
        if (credential.Succeeded(out var signedIn))
        {
            Graph = new GraphConnection(settings, signedIn, time);
            connections.Add(Graph);
            All.Add(new GraphTarget(Graph.Graph, time, approvals: approvals));
        }
    }

    // The key in mdbdeploy.yaml of a target as the command line names it.
    private static string KeyOf(string target) => target == "active-directory" ? "activeDirectory" : target;

    private void OpenActiveDirectory(Outcome<ActiveDirectorySettings> read, List<Diagnostic> diagnostics)
    {
        diagnostics.AddRange(read.Diagnostics);
        if (read.Succeeded(out var settings))
        {
            var target = new ActiveDirectoryTarget(settings);
            connections.Add(target);
            All.Add(target);
        }
    }

    private void OpenConfigMgr(Outcome<ConfigMgrSettings> read, SignInSettings? graphSignIn, TimeProvider time, Func<string, string?> secrets, Action<string> tell, List<Diagnostic> diagnostics,
        bool insecure)
    {
        diagnostics.AddRange(read.Diagnostics);
        if (!read.Succeeded(out var settings))
        {
            return;
        }

        TokenCredential? credential = null;
        if (settings.UsesToken)
        {
            var signIn = graphSignIn is null
                ? new Outcome<TokenCredential>(null, [Problems.TargetNotConfigured.At(Location.Of("configmgr"), "'auth: bearer' signs in as 'targets.graph' does, which mdbdeploy.yaml does not name.")])
                : SignIn.Create(graphSignIn, secrets, tell);
            diagnostics.AddRange(signIn.Diagnostics);
            if (!signIn.Succeeded(out credential))
            {
                return;
            }
        }

        NetworkCredential? user = null;
        if (!settings.UsesToken && settings.User is { } name)
        {
            if (secrets(PasswordVariable) is not { Length: > 0 } password)
            {
                diagnostics.Add(Problems.SecretMissing.At(
                    Location.Of(PasswordVariable), $"'user: {name}' needs its password in the environment variable {PasswordVariable}. A keytab needs no 'user': name it in KRB5_CLIENT_KTNAME."));
                return;
            }

            user = new NetworkCredential(name, password);
        }

        if (insecure)
        {
            tell($"WARNING {Problems.CertificateNotChecked.Code}: {Problems.CertificateNotChecked.Title} (--insecure) {Problems.CertificateNotChecked.Advice}");
        }

        ConfigMgr = new ConfigMgrConnection(settings, credential, time, user: user, insecure: insecure);
        connections.Add(ConfigMgr);
        All.Add(new ConfigMgrTarget(ConfigMgr.Client));
    }
}
