using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// Multi Admin Approval (learn.microsoft.com/intune/fundamentals/multi-admin-approval): where a tenant set it up, a write of Intune is answered 403 with a code, and is carried
/// out when the same request is sent again with the code of an approved request. The codes are kept in a file, so that another process, days later, continues.
/// Other tenants ignore the justification that every write carries.
/// </summary>
internal sealed partial class Approvals(string? file)
{
    private const string JustificationHeader = "x-msft-approval-justification";
    private const string CodeHeader = "x-msft-approval-code";

    // At most 1,024 bytes before the encoding.
    private static readonly string Justification = Convert.ToBase64String("MdbDeploy: onboarding to Microsoft Defender for Business, as reviewed in the bundle"u8);

    private readonly Lock gate = new();
    private JsonObject? codes;

    /// <summary>Sends a write, with the code of its approval when it has one.</summary>
    /// <exception cref="WaitingException">It waits for approval.</exception>
    /// <exception cref="TargetException">Approval was refused or expired; sending it again asks anew.</exception>
    public async Task<RestResponse> SendAsync(RestRequest request, RestClient rest, CancellationToken cancellationToken)
    {
        var key = KeyOf(request, rest);
        var code = Find(key);
        if (code is not null && await StatusAsync(code, rest, cancellationToken) is var status and not "approved")
        {
            if (status == "needsApproval")
            {
                throw Waiting(request, code);
            }

            // Completed: it was carried out, and the answer was lost; it is like any other write now.
            Keep(key, null);
            if (status is "rejected" or "cancelled" or "expired")
            {
                throw new TargetException(Problems.ApprovalRefused.At(Location.None, $"{RestError.Describe(request)}: the request for approval {code} is {status}."));
            }

            code = null;
        }

        var headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase) { [JustificationHeader] = Justification };
        if (code is not null)
        {
            headers[CodeHeader] = code;
        }

        var response = await rest.SendAsync(request with { Headers = headers }, cancellationToken);
        if (response.Status is 400 or 403 && CodeOf(response) is { } needed)
        {
            Keep(key, needed);
            throw Waiting(request, needed);
        }

        if (response.IsSuccess && code is not null)
        {
            Keep(key, null);
        }

        return response;
    }

    private static WaitingException Waiting(RestRequest request, string code) =>
        new(Problems.WaitingForApproval.At(Location.None, $"{RestError.Describe(request)} waits for approval under the code {code}."));

    private static async Task<string> StatusAsync(string code, RestClient rest, CancellationToken cancellationToken)
    {
        await foreach (var row in rest.ListAsync("deviceManagement/operationApprovalRequests", cancellationToken: cancellationToken))
        {
            if (string.Equals(Json.Text(row["id"]), code, StringComparison.OrdinalIgnoreCase) || string.Equals(Json.Text(row["requestId"]), code, StringComparison.OrdinalIgnoreCase))
            {
                return Json.Text(row["status"]) ?? "unknown";
            }
        }

        return "gone";
    }

    /// <summary>The code that an answer names, in a header or in its message; null when it asks for no approval, as a missing permission.</summary>
    private static string? CodeOf(RestResponse response)
    {
        var error = RestError.Read(response);
        return error.Code != "ApprovalRequired" && !error.Message.Contains(CodeHeader, StringComparison.OrdinalIgnoreCase) ? null
            : response.Header(CodeHeader) ?? (CodePattern.Match(error.Message) is { Success: true } match ? match.Groups[1].Value : null);
    }

    /// <summary>What names a request across processes: server, method, path and body, as a hash, since the body may hold a secret.</summary>
    private static string KeyOf(RestRequest request, RestClient rest) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{rest.BaseAddress.Authority} {request.Method} {request.Path} {request.Body?.ToJsonString(JsonText.Compact)}")));

    private string? Find(string key)
    {
        lock (gate)
        {
            return Json.Text(Load()[key]);
        }
    }

    private void Keep(string key, string? code)
    {
        lock (gate)
        {
            var all = Load();
            all.Remove(key);
            if (code is not null)
            {
                all[key] = code;
            }

            if (file is not null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file + ".tmp", JsonText.ToBytes(all));
                File.Move(file + ".tmp", file, overwrite: true);
            }
        }
    }

    private JsonObject Load()
    {
        try
        {
            return codes ??= file is not null && File.Exists(file) ? JsonNode.Parse(File.ReadAllBytes(file)) as JsonObject ?? [] : [];
        }
        catch (JsonException)
        {
            // Damaged: approval is asked for anew.
            return codes = [];
        }
    }

    [GeneratedRegex("x-msft-approval-code:?\\s*\"?([0-9A-Za-z-]{8,64})", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex CodePattern { get; }
}
