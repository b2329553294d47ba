namespace MdbDeploy.Policies;

/// <summary>Settings that the onboarding of Intune, Configuration Manager and other MDMs carries itself.</summary>
public static class OnboardingSettings
{
    /// <summary>Sample sharing.</summary>
    public const string SampleSharing = "mde.samplesharing";

    /// <summary>The device's tag in Defender, which is the name of its ring when no preset says otherwise.</summary>
    public const string Tag = "mde.tag.group";

    // As the portal has it when nobody chooses: all file types.
    private const string Default = "1";

    /// <summary>The value of sample sharing for all rings: that of the ring that is least far.</summary>
    /// <param name="policies">The project's policies.</param>
    public static string SampleSharingOf(PolicySelection policies) => policies.Last.FirstOrDefault(value => value.Setting.Id == SampleSharing)?.Value ?? Default;
}
