namespace Koopman

/// <summary>
/// Neighbouring modes of a reversible operator whose rates lie closer than 3 standard errors. Estimated levels repel each other, so
/// that the single values are biased apart; their mean is not.
/// </summary>
[<NoComparison>]
type Cluster =
    {
        /// <summary>The <c>Index</c> of every member, ascending; at least two, among the modes that carry error bars.</summary>
        Members: int[]
        /// <summary>The mean rate of the members.</summary>
        Rate: float
        /// <summary>The standard error of the mean rate, including the bias estimate.</summary>
        StandardError: float
        /// <summary>Lower end of the 95 % interval of the mean rate, corrected for bias.</summary>
        Lower: float
        /// <summary>Upper end of the 95 % interval of the mean rate, corrected for bias.</summary>
        Upper: float
    }
