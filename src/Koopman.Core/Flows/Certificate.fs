namespace Koopman.Flows

open System
open MathNet.Numerics.Integration
open TorchSharp
open Koopman

/// <summary>One-step samples with an estimate of their errors at run time, without a solution of the teacher.</summary>
[<NoComparison; NoEquality>]
type EstimatedSamples =
    {
        /// <summary>The samples (n, d) in one step.</summary>
        Points: Tensor
        /// <summary>
        /// ∫ (x part of r(u) e^{(1-u)L}) du along the predicted paths, (n, d): to first order the teacher's ends minus the samples. Added to them, it makes them
        /// more accurate where they are already near.
        /// </summary>
        Correction: Tensor
        /// <summary>∫ |x part of r(u) e^{(1-u)L}| du, (n, 1), which is not below the length of the correction.</summary>
        Decoded: Tensor
    }

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit =
        this.Points.Dispose()
        this.Correction.Dispose()
        this.Decoded.Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member this.Dispose() : unit = this.Dispose()

/// <summary>Settings of certificates.</summary>
type CertificateOptions =
    {
        /// <summary>The fraction of samples whose bound is to hold. Default .95.</summary>
        Level: float
        /// <summary>Points of the quadrature along a predicted path; each costs an evaluation of the teacher and one of the features with a tangent. Default 6.</summary>
        Nodes: int
        /// <summary>Runge–Kutta steps of the teacher, in the calibration and for samples that are handed over to it. Default 40.</summary>
        TeacherSteps: int
    }

/// <summary>What happens to the samples of a batch with the largest bounds.</summary>
type WorstSamples =
    /// <summary>They are kept.</summary>
    | KeepWorst
    /// <summary>This fraction is left out.</summary>
    | RejectWorst of rejected: float
    /// <summary>This fraction is computed by the teacher instead.</summary>
    | HandOverWorst of handed: float

/// <summary>Samples, each with a bound on its distance from the teacher's.</summary>
[<NoComparison; NoEquality>]
type CertifiedSamples =
    {
        /// <summary>The samples (m, d). The caller disposes of them.</summary>
        Points: Tensor
        /// <summary>The bound of each (m); 0 for those that the teacher computed.</summary>
        Bounds: float[]
        /// <summary>The row of the noise that each comes from (m), in order; without those that were rejected.</summary>
        Rows: int[]
        /// <summary>The rows of the noise that the teacher computed, in order.</summary>
        HandedOver: int[]
    }

    /// <summary>Frees the points.</summary>
    member this.Dispose() : unit = this.Points.Dispose()

    interface IDisposable with
        /// <summary>Frees the points.</summary>
        member this.Dispose() : unit = this.Points.Dispose()

/// <summary>
/// A bound on the error of each one-step sample against its teacher, computed at run time without solving the teacher's equation: a multiple of the decoded
/// residual along the predicted path, calibrated on noise that is held out (split conformal prediction). It holds for the stated fraction of samples
/// of fresh normal noise, whatever the errors are; single bounds can fail, above all at the boundaries of basins.
/// </summary>
[<Sealed>]
type Certificate
    internal (lift: LinearFlow, teacher: VelocityField, options: CertificateOptions, factor: float, floor: float) =
    inherit Shared()

    let held: IDisposable list = [ lift.Hold(); teacher.Hold() ]

    member internal _.Lift: LinearFlow = lift
    member internal _.Teacher: VelocityField = teacher
    member internal _.Options: CertificateOptions = options

    /// <summary>The fraction of samples whose bound is to hold.</summary>
    member _.Level: float = options.Level

    /// <summary>The bound is this factor times the estimated error plus the floor.</summary>
    member _.Factor: float = factor

    /// <summary>The error that is added to every estimate: half the median estimate over the noise of the calibration.</summary>
    member _.Floor: float = floor

    /// <summary>Releases lift and teacher.</summary>
    override _.Free() : unit =
        for one in held do
            one.Dispose()

/// <summary>Estimates and bounds of errors at run time.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Certificate =

    /// <summary>Bounds that hold for 95 % of samples, by six points along each path; the teacher takes 40 Runge–Kutta steps.</summary>
    let defaults: CertificateOptions =
        {
            Level = 0.95
            Nodes = 6
            TeacherSteps = 40
        }

    /// What lift and teacher are told of some rows; inside a scope.
    let private ofRows (index: Tensor) (told: Conditioning) : Conditioning =
        match told with
        | Conditioning.PerRow classes -> Conditioning.PerRow(classes.index_select (0L, index.``to`` classes.device))
        | other -> other

    let private check (lift: LinearFlow) (teacher: VelocityField) (noise: Tensor) : Outcome<unit> =
        result {
            do! Require.columns lift.Dimension "the noise" noise.shape
            do! lift.CheckTold(Some(int noise.shape[0]))
            do! teacher.CheckTold(Some(int noise.shape[0]))

            do!
                Require.dimension lift.Dimension "the teacher" teacher.Dimension
                |> Require.advise "Give the field that the lift was trained to follow"

            do! lift.CheckExplained()
        }

    /// Ends, corrections and decoded residuals of some rows, in the enclosing scope.
    let private follow (nodes: int) (lift: LinearFlow) (teacher: VelocityField) (noise: Tensor) =
        let rule = GaussLegendreRule(0.0, 1.0, nodes)
        use sampler = OneStep.create lift

        OneStep.path 0.0 (Array.append rule.Abscissas [| 1.0 |]) sampler noise
        |> Result.map (fun path ->
            use path = path
            let states = path.Points

            let column (value: float) =
                torch.full ([| states.shape[1]; 1L |], Tensors.num value, dtype = states.dtype, device = states.device)

            let mutable correction = torch.zeros_like (states.select (0L, 0L))
            let mutable decoded = torch.zeros_like (column 0.0)

            for k in 0 .. nodes - 1 do
                let time, point = column rule.Abscissas[k], states.select (0L, int64 k)
                let r = LinearFlow.residual lift time point (teacher.At(time, point)) None
                let moved = lift.Generator.Position(r, column (1.0 - rule.Abscissas[k]))
                correction <- correction.add (moved, Tensors.num rule.Weights[k])
                decoded <- decoded.add (moved.square().sum(1L, true).sqrt(), Tensors.num rule.Weights[k])

            states.select(0L, int64 nodes).clone(), correction, decoded)

    /// <summary>
    /// Samples in one step from noise (n, d), with their errors to first order: the decoded residual along the predicted path, which equals the lift's own
    /// sensitivity to the error of velocity there. No equation of the teacher is solved. The caller disposes of them.
    /// </summary>
    /// <param name="nodes">Points of the quadrature along each path, at least 1; 6 are usually enough.</param>
    /// <param name="lift">The lift, without a decoder.</param>
    /// <param name="teacher">The field that it was trained to follow.</param>
    /// <param name="noise">(n, d).</param>
    let estimate (nodes: int) (lift: LinearFlow) (teacher: VelocityField) (noise: Tensor) : Outcome<EstimatedSamples> =
        result {
            do! Require.atLeast 1 "the number of points along the path" nodes
            do! check lift teacher noise
            use scope = Tensors.scope ()
            use _ = torch.no_grad ()
            let like = snd lift.Parameters.Head
            let noise = noise.to_type(like.dtype).``to`` like.device

            let! parts =
                Tensors.pieces (max 1 (lift.Net.PieceRows / 4)) (int noise.shape[0])
                |> Outcome.collect (fun (struct (start, count)) ->
                    let index = Tensors.ofIndices [| int64 start .. int64 (start + count) - 1L |]
                    use some = lift.Tell(ofRows index lift.Told)
                    use guide = teacher.Tell(ofRows index teacher.Told)
                    follow nodes some guide (Tensors.rows start count noise))

            let joined (pick: Tensor * Tensor * Tensor -> Tensor) =
                scope.Detach(torch.cat (ResizeArray(List.map pick parts), 0L))

            return
                {
                    Points = joined (fun (x, _, _) -> x)
                    Correction = joined (fun (_, c, _) -> c)
                    Decoded = joined (fun (_, _, d) -> d)
                }
        }

    /// The scale of the error of each sample (n).
    let private scales (estimated: EstimatedSamples) : float[] =
        Tensors.within (fun () ->
            let length = estimated.Correction.square().sum(1L, true).sqrt()
            Tensors.toArray (length + 0.25 * estimated.Decoded))

    let private solve (steps: int) (teacher: VelocityField) (noise: Tensor) =
        Ode.solve (RungeKutta4 steps) teacher 0.0 1.0 noise

    /// <summary>Calibrates bounds on noise that is held out, for which the teacher's equation is solved once.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="lift">The lift, without a decoder; told a class if it has classes.</param>
    /// <param name="teacher">The field that it was trained to follow, told the same.</param>
    /// <param name="noise">Independent normal points (n, d), not those of the training; at least 1/(1 - level) of them, better 1,000 or more.</param>
    /// <returns>The certificate, which the caller disposes.</returns>
    let calibrate
        (options: CertificateOptions)
        (lift: LinearFlow)
        (teacher: VelocityField)
        (noise: Tensor)
        : Outcome<Certificate> =
        result {
            do!
                Require.settings "Certificate.defaults" {
                    Require.inside 0.0 1.0 "Level" options.Level
                    Require.atLeast 1 "Nodes" options.Nodes
                    Require.atLeast 1 "TeacherSteps" options.TeacherSteps
                }

            let count = int noise.shape[0]
            let rank = int (ceil (options.Level * float (count + 1)))

            if rank > count then
                do!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"{count} points of noise cannot support bounds that hold for {100.0 * options.Level:G4} %% of samples"
                        $"Give at least {int (ceil (options.Level / (1.0 - options.Level)))}, better 1,000 or more"

            use! estimated = estimate options.Nodes lift teacher noise
            use _ = Tensors.scope ()
            use! ends = solve options.TeacherSteps teacher (Tensors.like estimated.Points noise)
            let scales = scales estimated

            let errors =
                Tensors.within (fun () -> Tensors.toArray ((ends - estimated.Points).square().sum(1L).sqrt()))

            let floor = 0.5 * (Array.sort scales)[count / 2]
            let ratios = Array.map2 (fun e s -> e / (s + floor)) errors scales |> Array.sort

            if not (Double.IsFinite ratios[rank - 1]) then
                do!
                    KoopmanError.fail
                        ErrorKind.Diverged
                        "Samples or their errors are not finite"
                        "Check the training of the lift"

            return new Certificate(lift, teacher, options, ratios[rank - 1], floor)
        }

    let private boundsOf (certificate: Certificate) (estimated: EstimatedSamples) : float[] =
        scales estimated
        |> Array.map (fun scale -> certificate.Factor * (scale + certificate.Floor))

    /// <summary>Samples in one step from noise (n, d), each with its bound; the worst are kept, rejected, or computed by the teacher.</summary>
    /// <param name="worst">What happens to the samples with the largest bounds.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="noise">Normal points (n, d).</param>
    /// <returns>The samples with their bounds, which the caller disposes.</returns>
    let sample (worst: WorstSamples) (certificate: Certificate) (noise: Tensor) : Outcome<CertifiedSamples> =
        result {
            let share =
                match worst with
                | KeepWorst -> 0.0
                | RejectWorst share
                | HandOverWorst share -> share

            do! Require.share "the share of the worst" share

            use! estimated =
                estimate certificate.Options.Nodes certificate.Lift certificate.Teacher noise

            let bounds = boundsOf certificate estimated
            let count = bounds.Length

            let chosen =
                Array.init count id
                |> Array.sortByDescending (fun row -> bounds[row])
                |> Array.truncate (int (ceil (share * float count)))
                |> Array.sort

            use _ = Tensors.scope ()

            match worst with
            | RejectWorst _ when chosen.Length > 0 ->
                let left = Array.except chosen (Array.init count id)

                return
                    {
                        Points =
                            Tensors.copy (
                                estimated.Points.index_select (
                                    0L,
                                    (Tensors.ofIndices (Array.map int64 left)).``to`` estimated.Points.device
                                )
                            )
                        Bounds = left |> Array.map (fun row -> bounds[row])
                        Rows = left
                        HandedOver = [||]
                    }
            | HandOverWorst _ when chosen.Length > 0 ->
                let index =
                    (Tensors.ofIndices (Array.map int64 chosen)).``to`` estimated.Points.device

                use teacher = certificate.Teacher.Tell(ofRows index certificate.Teacher.Told)

                let start = (Tensors.like estimated.Points noise).index_select(0L, index)
                use! solved = solve certificate.Options.TeacherSteps teacher start

                let replaced = Set.ofArray chosen

                return
                    {
                        Points = Tensors.copy (estimated.Points.index_copy (0L, index, solved))
                        Bounds =
                            bounds
                            |> Array.mapi (fun row bound -> if replaced.Contains row then 0.0 else bound)
                        Rows = Array.init count id
                        HandedOver = chosen
                    }
            | _ ->
                return
                    {
                        Points = Tensors.copy estimated.Points
                        Bounds = bounds
                        Rows = Array.init count id
                        HandedOver = [||]
                    }
        }
