using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// Multi Admin Approval (learn.microsoft.com/intune/fundamentals/multi-admin-approval): a write needs a justification (400 without), then waits under a code (403), and is
/// carried out when it is sent again with the code of an approved request. Requests expire after three days.
/// </summary>
internal sealed class Approvals(LabState state)
{
    private const string Justification = "x-msft-approval-justification";
    private const string Code = "x-msft-approval-code";

    private readonly List<Approval> requests = [];

    /// <summary>Answers a write that is not approved; null when the request may pass.</summary>
    public LabAnswer? Intercept(LabRequest request, Func<LabRequest, int, string, string, LabAnswer> error)
    {
        if (!state.Options.Habits.Approval || request.Method == "GET" || request.Segments is not [_, "deviceManagement", ..])
        {
            return null;
        }

        var body = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path} {Encoding.UTF8.GetString(request.Content.Span)}")));
        if (request.Header(Code) is { } code)
        {
            var approval = requests.Find(r => r.Id == code && r.Body == body)
                ?? throw GraphException.BadRequest($"Header '{Code}' does not name a request for approval of this change.");
            if (approval.Status == "approved")
            {
                approval.Status = "completed";
                return null;
            }

            return approval.Status == "needsApproval" ? Waiting(approval) : throw GraphException.BadRequest($"The request for approval is {approval.Status}.");
        }

        if (request.Header(Justification) is not { Length: > 0 and <= 1366 } justification || !Convert.TryFromBase64String(justification, new byte[1024], out _))
        {
            throw GraphException.BadRequest($"Header '{Justification}' is required to request approval");
        }

        requests.Add(new Approval(state.NewId().ToString(), body, state.Now));
        return Waiting(requests[^1]);

        LabAnswer Waiting(Approval approval) =>
            error(request, 403, "ApprovalRequired", $"Approval is required for this operation. {Code}: {approval.Id}").With(Code, approval.Id);
    }

    /// <summary><c>deviceManagement/operationApprovalRequests</c>.</summary>
    public LabAnswer Answer(LabRequest request, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => GraphPage.List(request, "deviceManagement/operationApprovalRequests", requests.Select(Read), state.Options.Habits.PolicyPageSize, 1000),
        ("GET", [var id]) => GraphPage.Single(request, "deviceManagement/operationApprovalRequests", Read(requests.Find(r => r.Id == id)
            ?? throw new GraphException(404, "ResourceNotFound", $"The request '{id}' was not found"))),
        _ => throw GraphException.NoMethod(),
    };

    /// <summary>Decides on all that wait.</summary>
    public int Decide(string status)
    {
        var waiting = requests.FindAll(r => r.Status == "needsApproval");
        waiting.ForEach(r => r.Status = status);
        return waiting.Count;
    }

    private static JsonObject Read(Approval approval) => new()
    {
        ["id"] = approval.Id,
        ["requestDateTime"] = Timestamp.Of(approval.At),
        ["expirationDateTime"] = Timestamp.Of(approval.At.AddDays(3)),
        ["status"] = approval.Status,
    };

    private sealed class Approval(string id, string body, DateTimeOffset at)
    {
        public string Id { get; } = id;

        /// <summary>Hash of the request.</summary>
        public string Body { get; } = body;

        public DateTimeOffset At { get; } = at;

        public string Status { get; set; } = "needsApproval";
    }
}
