using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Tests.Targets.Http;

public sealed class RestErrors
{
    private static readonly RestRequest Request = RestRequest.Get("deviceManagement/configurationPolicies?$filter=name eq 'LT-1'");

    [Fact]
    public void Graph_names_code_message_and_request_id() =>
        Read(403, """{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"request-id":"r-1","date":"2026-11-23"}}}""")
            .ShouldBe("GET deviceManagement/configurationPolicies: 403 Authorization_RequestDenied: Insufficient privileges to complete the operation. (request-id r-1)");

    [Fact]
    public void Intune_hides_its_words_in_json_within_the_message() =>
        Read(400, """
            {"error":{"code":"BadRequest","message":"{\"_version\":3,\"Message\":\"Setting is not allowed. - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: 11111111-2222-3333-4444-555555555555 - Url: https://fef.example.test/x?api-version=1\",\"CustomApiErrorPhrase\":\"\",\"RetryAfter\":null}"}}
            """, "r-2")
            .ShouldBe("GET deviceManagement/configurationPolicies: 400 BadRequest: Setting is not allowed. (request-id r-2, activity id 11111111-2222-3333-4444-555555555555)");

    [Fact]
    public void The_admin_service_repeats_its_status_as_the_code() =>
        Read(404, """{"error":{"code":"404","message":"Access denied  WMI QUERY: "}}""")
            .ShouldBe("GET deviceManagement/configurationPolicies: 404: Access denied WMI QUERY:");

    [Theory]
    [InlineData("""{"error":{"code":"x","message":{"lang":"en","value":"Old words."}}}""", "400 x: Old words.")]
    [InlineData("""{"error":"plain words"}""", "400: plain words")]
    [InlineData("""{"Error":{"Code":"x","Message":"Capital."}}""", "400 x: Capital.")]
    [InlineData("""{"error":{"code":5,"message":{"a":[]}}}""", "400: the server gives no reason")]
    [InlineData("""{"error":{"message":"{\"Message\":7}"}}""", "400: {\"Message\":7}")]
    [InlineData("""{"error":null}""", "400: the server gives no reason")]
    [InlineData("<HTML><HEAD><TITLE>Bad Gateway</TITLE></HEAD>", "400: a web page titled 'Bad Gateway'")]
    [InlineData("", "400: the server gives no reason")]
    [InlineData("a text that may hold anything", "400: the server gives no reason")]
    public void Other_shapes_are_understood_as_far_as_they_go(string body, string expected) => Read(400, body).ShouldEndWith(expected);

    [Fact]
    public void A_message_cannot_forge_lines_of_a_log() =>
        Read(400, """{"error":{"code":"a\nb","message":"one\r\ntwo\u001b[31mthree"}}""").ShouldNotContain('\n');

    [Theory]
    [InlineData(401, "MDB0753")]
    [InlineData(403, "MDB0754")]
    [InlineData(429, "MDB0755")]
    [InlineData(400, "MDB0750")]
    [InlineData(500, "MDB0750")]
    public void The_status_chooses_the_advice(int status, string code) =>
        RestError.Read(Request, status, null, null, null).ToDiagnostic(Location.Of("intune/group/pilot")).Code.ShouldBe(code);

    [Theory]
    [InlineData(0, 4000, false)]
    [InlineData(0, 4000, true)]
    [InlineData(100, 40, false)]
    [InlineData(7, 200, true)]
    public void A_blob_that_the_server_quotes_is_not_repeated(int start, int length, bool escaped)
    {
        var blob = string.Concat(Enumerable.Range(0, 200).Select(n => $"\"sig{n}\":\"{Convert.ToBase64String(BitConverter.GetBytes(n * 2654435761L))}\","));
        var request = new RestRequest(HttpMethod.Post, "x", new JsonObject { ["a"] = new JsonArray(new JsonObject { ["value"] = blob }), ["id"] = "device_vendor_msft_setting" });
        var quoted = blob.Substring(start, Math.Min(length, blob.Length - start));
        quoted = escaped ? quoted.Replace("\"", "\\\"", StringComparison.Ordinal) : quoted;
        var body = new JsonObject { ["error"] = new JsonObject { ["code"] = "BadRequest", ["message"] = $"The value '{quoted}' of device_vendor_msft_setting is not valid." } };

        var message = RestError.Read(request, 400, body, null, null).Message;

        message.ShouldBe("The value '…' of device_vendor_msft_setting is not valid.");
    }

    private static string Read(int status, string body, string? requestId = null) =>
        RestError.Read(Request, status, RestResponse.Parse(body), body, requestId).ToDiagnostic(Location.None).Message;
}
