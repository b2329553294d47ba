namespace MdbDeploy.Formats;

/// <summary>The half of a Group Policy Object that a setting belongs to.</summary>
public enum GroupPolicySide
{
    /// <summary>Computer configuration, the folder Machine.</summary>
    Machine,

    /// <summary>User configuration, the folder User.</summary>
    User,
}
