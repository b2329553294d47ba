using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Projects;

public class RingGateTests
{
    [Fact]
    public void A_condition_without_a_ring_waits_for_the_ring_before()
    {
        var rings = Parse("  - { name: pilot }\n  - { name: early, when: 'onboarded >= 95% and attention < 2' }\n  - { name: broad, after: pilot }\n").Value!.Rings;
        rings[0].Gate.ShouldBeNull();
        rings[1].Gate!.After.ShouldBe("pilot");
        rings[1].Gate!.When.ShouldBe([new(GateCount.Onboarded, ">=", 95, true), new(GateCount.Attention, "<", 2, false)]);
        rings[2].Gate!.When.ShouldBe([GateCondition.AllOnboarded]);
    }

    [Theory]
    [InlineData("onbarded >= 95%", "'onbarded' is nothing that is counted in a ring. Did you mean 'onboarded'?")]
    [InlineData("onboarded >= 101%", "'101%' is no percentage from 0% to 100%.")]
    [InlineData("onboarded = 95%", "'onboarded = 95%' is no condition of a gate")]
    [InlineData("onboarded >= many", "'onboarded >= many' is no condition of a gate")]
    [InlineData("onboarded >= -1", "'onboarded >= -1' is no condition of a gate")]
    [InlineData("onboarded >= 95% and", "'onboarded >= 95% and' is no condition of a gate")]
    [InlineData("onboarded >= 95% and ", "'' is no condition of a gate")]
    public void A_condition_that_cannot_be_read_is_told_with_its_place(string when, string message)
    {
        var diagnostic = Parse($"  - {{ name: pilot }}\n  - {{ name: broad, when: '{when}' }}\n").Diagnostics.ShouldHaveSingleItem();
        diagnostic.Problem.ShouldBe(Problems.GateConditionInvalid);
        diagnostic.Message.ShouldStartWith(message);
        (diagnostic.Where.Line, diagnostic.Where.Column).ShouldBe((5, 26));
    }

    [Fact]
    public void Rings_that_wait_for_each_other_are_told_once_with_the_whole_circle()
    {
        var diagnostic = Parse("  - { name: a, after: c }\n  - { name: b, after: A }\n  - { name: c, after: b }\n  - { name: d, after: c }\n").Diagnostics.ShouldHaveSingleItem();
        diagnostic.Problem.ShouldBe(Problems.GateCycle);
        diagnostic.Message.ShouldBe("The gates wait for each other and would never open: 'a' waits for 'c' waits for 'b' waits for 'a'.");
        diagnostic.Where.Line.ShouldBe(4);
    }

    [Fact]
    public void A_ring_that_waits_for_itself_or_for_nobody_is_an_error()
    {
        Parse("  - { name: a, after: a }\n").Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.GateCycle);
        Parse("  - { name: a, when: 'onboarded >= 1' }\n").Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.GateWithoutRing);
        Parse("  - { name: pilot }\n  - { name: b, after: pillot }\n").Diagnostics.ShouldHaveSingleItem().Message.ShouldEndWith("Did you mean 'pilot'?");
    }

    [Theory]
    [InlineData("2026-12-01", "2026-12-01T00:00:00Z")]
    [InlineData("2026-12-01T17:00+01:00", "2026-12-01T16:00:00Z")]
    [InlineData("2026-12-01 17:00", "2026-12-01T17:00:00Z")]
    [InlineData("2026-12-01T17:00:30Z", "2026-12-01T17:00:30Z")]
    public void A_moment_without_an_offset_is_UTC(string text, string moment) =>
        Parse($"  - {{ name: pilot, notBefore: '{text}' }}\n").Value!.Rings[0].Gate!.NotBefore.ShouldBe(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("01.12.2026")]
    [InlineData("next monday")]
    [InlineData("2026-02-30")]
    public void A_moment_that_is_none_is_an_error(string text) =>
        Parse($"  - {{ name: pilot, notBefore: '{text}' }}\n").Diagnostics.ShouldHaveSingleItem().Problem.ShouldBe(Problems.ProjectValueInvalid);

    [Fact]
    public void What_is_written_is_read_back()
    {
        var condition = Gen.Select(Gen.Enum<GateCount>(), OneOf(">=", ">", "<=", "<"), Gen.Int[0, 10000], Gen.Bool, (count, op, amount, percent) => new GateCondition(count, op, amount / 100.0, percent));
        condition.Sample(c => GateCondition.Parse(c.ToString(), out _).ShouldBe([c]));
    }

    [Fact]
    public void No_text_breaks_the_reader() =>
        Gen.OneOf(Gen.String, OneOf('>', '<', '=', '%', ' ', 'a', 'n', 'd', '9', '.').Array.Select(c => new string(c))).Sample(text => GateCondition.Parse(text, out var problem).IsEmpty == problem is not null);

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Outcome<DeploymentProject> Parse(string rings) => ProjectReader.Parse("organization: Contoso\ninventory: devices.csv\nrings:\n" + rings, "/project");
}
