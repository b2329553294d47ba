using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>Errors as Graph words them (learn.microsoft.com/graph/errors).</summary>
internal static class GraphErrors
{
    /// <summary>An error of Graph itself or of the directory.</summary>
    public static LabAnswer Error(LabRequest request, LabState state, int status, string code, string message) =>
        new(status, new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["code"] = code,
                ["message"] = message,
                ["innerError"] = new JsonObject
                {
                    ["date"] = Timestamp.Of(state.Now).TrimEnd('Z'),
                    ["request-id"] = state.NewId().ToString(),
                    ["client-request-id"] = request.Header("client-request-id") ?? state.NewId().ToString(),
                },
            },
        });

    /// <summary>An error of Intune: its message is JSON in a string.</summary>
    public static LabAnswer Intune(LabRequest request, LabState state, int status, string code, string message) =>
        Error(request, state, status, code, new JsonObject
        {
            ["_version"] = 3,
            ["Message"] = $"{message} - Operation ID (for customer support): {Guid.Empty} - Activity ID: {state.NewId()} - Url: https://fef.lab.manage.microsoft.com{request.Path}?api-version=5025-11-20",
            ["CustomApiErrorPhrase"] = "",
            ["RetryAfter"] = null,
            ["ErrorSourceService"] = "",
            ["HttpHeaders"] = "{}",
        }.ToJsonString());

    /// <summary>The code that goes with a status when nothing better is known.</summary>
    public static string CodeOf(int status) => status switch
    {
        400 => "BadRequest",
        401 => "InvalidAuthenticationToken",
        403 => "Forbidden",
        404 => "ResourceNotFound",
        409 => "Conflict",
        412 => "PreconditionFailed",
        423 => "Locked",
        429 => "TooManyRequests",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        507 => "InsufficientStorage",
        _ => status < 500 ? "BadRequest" : "InternalServerError",
    };
}

/// <summary>What a handler throws to answer an error.</summary>
internal sealed class GraphException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public static GraphException BadRequest(string message) => new(400, "BadRequest", message);

    public static GraphException Directory(string message) => new(400, "Request_BadRequest", message);

    public static GraphException NoObject(string id) =>
        new(404, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    public static GraphException NoSegment(string segment) => new(400, "BadRequest", $"Resource not found for the segment '{segment}'.");

    public static GraphException NoMethod() => new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
}
