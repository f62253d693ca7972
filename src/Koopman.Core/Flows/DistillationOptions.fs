namespace Koopman.Flows

open Koopman
open Koopman.Learning

/// <summary>The batch of one step.</summary>
type DrawOptions =
    {
        /// <summary>Rows from which predictions start. Default 256.</summary>
        Starts: int
        /// <summary>The fraction of them at noise, t = 0; the others lie between noise and data. Default .75: with all of them at noise the lift is
        /// accurate only from there.</summary>
        NoiseShare: float
        /// <summary>
        /// The fraction of them at data, t = 1, predicted backwards; if positive, three tenths of those between go backwards too. Default 0; .15
        /// trains inversion.
        /// </summary>
        DataShare: float
        /// <summary>Rows on which the consistency loss is evaluated, between noise and data. Default 128.</summary>
        Points: int
        /// <summary>The number of teacher paths, if the loss needs any. Default 10,000.</summary>
        Paths: int
        /// <summary>Steps of the Runge–Kutta method per path; all of them are stored. Default 40.</summary>
        PathSteps: int
        /// <summary>The fraction of rows that are trained without their class, as the teacher was. Default 0.</summary>
        ClassFreeShare: float
        /// <summary>
        /// The number n of equal steps from noise to data, with the features evaluated again after each, that the lift is trained for. Starts at noise are
        /// then divided among the times k/n, and horizons end at the next of them. Default 1.
        /// </summary>
        Parts: int
    }

/// <summary>The initial lift of a student.</summary>
[<NoComparison>]
type LiftSource =
    /// <summary>A new lift of these settings.</summary>
    | Fresh of LinearFlowOptions
    /// <summary>A copy of an existing lift, to be trained further. (A user-supplied module is shared.)</summary>
    | Existing of LinearFlow

/// <summary>Settings of a student: a lift trained to follow a velocity field.</summary>
[<NoComparison; ReferenceEquality>]
type DistillationOptions =
    {
        /// <summary>The lift.</summary>
        Lift: LiftSource
        /// <summary>The loss.</summary>
        Loss: Loss
        /// <summary>The batch of a step.</summary>
        Draws: DrawOptions
        /// <summary>The interpolation of the teacher's points between noise and data: that of its own path, since others visit other
        /// points.</summary>
        Path: ProbabilityPath
        /// <summary>The training.</summary>
        Descent: DescentOptions
    }
