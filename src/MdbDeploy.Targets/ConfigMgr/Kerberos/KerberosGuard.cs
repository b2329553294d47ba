using System.Net;

namespace MdbDeploy.Targets.ConfigMgr.Kerberos;

/// <summary>
/// Stands before the connections: asks whether there is a ticket before the first request, and again when the site answers 401, since tickets expire while a push runs. A request
/// that is refused was not carried out.
/// </summary>
internal sealed class KerberosGuard(HttpMessageHandler inner, KerberosCheck check) : DelegatingHandler(inner)
{
    private volatile bool wasAsked;

    /// <summary>Sends a request when there is a ticket.</summary>
    /// <exception cref="TargetException">There is none, or the site refuses it.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!wasAsked)
        {
            if (await check.AskAsync(cancellationToken) is { } problem)
            {
                throw new TargetException(problem);
            }

            wasAsked = true;
        }

        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        answer.Dispose();
        throw new TargetException(await check.AskAsync(cancellationToken) ?? check.Refused());
    }
}
