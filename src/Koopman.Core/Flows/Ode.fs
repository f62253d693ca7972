namespace Koopman

open System
open TorchSharp

/// <summary>How an ordinary differential equation is integrated. Steps of fixed length are counted over the whole span of times.</summary>
[<Struct>]
type OdeMethod =
    /// <summary>Euler's method, order 1, one evaluation a step.</summary>
    | Euler of eulerSteps: int
    /// <summary>The midpoint rule, order 2, two evaluations a step.</summary>
    | Midpoint of midpointSteps: int
    /// <summary>The classical method of Runge and Kutta, order 4, four evaluations a step.</summary>
    | RungeKutta4 of rungeKuttaSteps: int
    /// <summary>
    /// Dormand and Prince's 5(4) with steps of its own choice, six evaluations a step: the root mean square over the batch of error/(tolerance (1 + |x|)) stays
    /// below 1 in every step.
    /// </summary>
    | DormandPrince of tolerance: float

/// <summary>Points along a flow.</summary>
[<NoComparison; NoEquality>]
type OdeSolution =
    {
        /// <summary>The points at each of the times asked for, (times, n, d). The caller disposes of it.</summary>
        States: Tensor
        /// <summary>How often the velocities of the whole batch were evaluated.</summary>
        Evaluations: int
        /// <summary>Steps made.</summary>
        Steps: int
        /// <summary>Steps of an adaptive method that were tried and thrown away.</summary>
        Rejected: int
    }

    interface IDisposable with
        /// <summary>Frees the points.</summary>
        member this.Dispose() : unit = this.States.Dispose()

/// <summary>
/// Integrates dx/dt = v(t, x) for a batch of points, in float32 or float64 as the points are, on their device, in either direction of time. Nothing is
/// recorded for gradients.
/// </summary>
[<RequireQualifiedAccess>]
module Ode =

    // Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, table 5.2.
    let private nodes = [| 0.0; 1.0 / 5.0; 3.0 / 10.0; 4.0 / 5.0; 8.0 / 9.0; 1.0; 1.0 |]

    let private stages =
        [|
            [||]
            [| 1.0 / 5.0 |]
            [| 3.0 / 40.0; 9.0 / 40.0 |]
            [| 44.0 / 45.0; -56.0 / 15.0; 32.0 / 9.0 |]
            [| 19372.0 / 6561.0; -25360.0 / 2187.0; 64448.0 / 6561.0; -212.0 / 729.0 |]
            [|
                9017.0 / 3168.0
                -355.0 / 33.0
                46732.0 / 5247.0
                49.0 / 176.0
                -5103.0 / 18656.0
            |]
            [|
                35.0 / 384.0
                0.0
                500.0 / 1113.0
                125.0 / 192.0
                -2187.0 / 6784.0
                11.0 / 84.0
            |]
        |]

    /// The weights of order 5 less those of order 4.
    let private difference =
        [|
            71.0 / 57600.0
            0.0
            -71.0 / 16695.0
            71.0 / 1920.0
            -17253.0 / 339200.0
            22.0 / 525.0
            -1.0 / 40.0
        |]

    /// Shampine's interpolant of order 4 inside a step: the weight of a stage is a polynomial θ, θ², θ³, θ⁴ of the part of the step.
    let private inside =
        [|
            [|
                1.0
                -8048581381.0 / 2820520608.0
                8663915743.0 / 2820520608.0
                -12715105075.0 / 11282082432.0
            |]
            [| 0.0; 0.0; 0.0; 0.0 |]
            [|
                0.0
                131558114200.0 / 32700410799.0
                -68118460800.0 / 10900136933.0
                87487479700.0 / 32700410799.0
            |]
            [|
                0.0
                -1754552775.0 / 470086768.0
                14199869525.0 / 1410260304.0
                -10690763975.0 / 1880347072.0
            |]
            [|
                0.0
                127303824393.0 / 49829197408.0
                -318862633887.0 / 49829197408.0
                701980252875.0 / 199316789632.0
            |]
            [|
                0.0
                -282668133.0 / 205662961.0
                2019193451.0 / 616988883.0
                -1453857185.0 / 822651844.0
            |]
            [|
                0.0
                40617522.0 / 29380423.0
                -110615467.0 / 29380423.0
                69997945.0 / 29380423.0
            |]
        |]

    let private check
        (method: OdeMethod)
        (velocity: Velocity)
        (times: float[])
        (start: Tensor)
        : Result<unit, KoopmanError> =
        let steps =
            match method with
            | Euler n
            | Midpoint n
            | RungeKutta4 n -> n
            | DormandPrince tolerance -> if tolerance > 0.0 && tolerance < 1.0 then 1 else 0

        let shape = String.Join(", ", start.shape)
        let gaps = times |> Array.pairwise |> Array.map (fun (a, b) -> b - a)

        if steps < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{method} has no steps, or a tolerance that is not between 0 and 1"
                "Use at least one step, or a tolerance such as 1e-4"
        elif
            times.Length < 2
            || times |> Array.exists (Double.IsFinite >> not)
            || not (
                gaps |> Array.forall (fun g -> g > 0.0)
                || gaps |> Array.forall (fun g -> g < 0.0)
            )
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The times must be finite, at least two, and all rise or all fall"
                "Give for instance [| 0.0; 1.0 |], or [| 1.0; 0.0 |] to go backwards"
        elif start.dim () <> 2L || start.shape[1] <> int64 velocity.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The velocity is of {velocity.Dimension} dimensions, but the points have shape ({shape})"
                "Give one row a point"
        else
            Ok()

    let private blownUp (time: float) : KoopmanError =
        KoopmanError.create
            ErrorKind.Diverged
            $"Points left all bounds at time {time:G4}"
            "Use more steps, a smaller tolerance or an adaptive method; if that does not help, the velocity itself is not finite"

    /// x + h Σ w_i k_i over the weights that are not 0.
    let private combine (x: Tensor) (h: float) (weights: float[]) (slopes: Tensor[]) : Tensor =
        let mutable sum = x

        for i in 0 .. weights.Length - 1 do
            if weights[i] <> 0.0 then
                sum <- sum.add (slopes[i], Tensors.num (h * weights[i]))

        sum

    let private fixedStep (method: OdeMethod) (velocity: Velocity) (t: float) (h: float) (x: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let first = velocity.At(t, x)

            match method with
            | Midpoint _ ->
                let middle = velocity.At(t + 0.5 * h, combine x h [| 0.5 |] [| first |])
                combine x h [| 1.0 |] [| middle |]
            | RungeKutta4 _ ->
                let second = velocity.At(t + 0.5 * h, combine x h [| 0.5 |] [| first |])
                let third = velocity.At(t + 0.5 * h, combine x h [| 0.5 |] [| second |])
                let fourth = velocity.At(t + h, combine x h [| 1.0 |] [| third |])
                combine x h [| 1.0 / 6.0; 1.0 / 3.0; 1.0 / 3.0; 1.0 / 6.0 |] [| first; second; third; fourth |]
            | _ -> combine x h [| 1.0 |] [| first |])

    let private evaluationsOf (method: OdeMethod) : int =
        match method with
        | Euler _ -> 1
        | Midpoint _ -> 2
        | RungeKutta4 _ -> 4
        | DormandPrince _ -> 6

    let private solveFixed (method: OdeMethod) (steps: int) velocity (times: float[]) (start: Tensor) =
        let span = abs (Array.last times - times[0])
        let states = ResizeArray [ start ]
        let mutable made = 0
        let mutable failure = None

        for i in 1 .. times.Length - 1 do
            if failure.IsNone then
                let gap = times[i] - times[i - 1]
                // The slack keeps rounding in the times from adding a step.
                let count = max 1 (int (ceil (float steps * abs gap / span - 1e-6)))
                let h = gap / float count
                let mutable x = states[i - 1]

                for k in 0 .. count - 1 do
                    let next = fixedStep method velocity (times[i - 1] + float k * h) h x

                    if k > 0 then
                        x.Dispose()

                    x <- next

                made <- made + count
                states.Add x

                if not (Tensors.isFinite x) then
                    failure <- Some(blownUp times[i])

        match failure with
        | Some error -> Error error
        | None ->
            Ok
                {
                    States = torch.stack (states, 0L)
                    Evaluations = made * evaluationsOf method
                    Steps = made
                    Rejected = 0
                }

    /// The root mean square of error/(tolerance (1 + |x|)), the larger end of the step counting.
    let private errorOf (tolerance: float) (x: Tensor) (next: Tensor) (error: Tensor) : float =
        Tensors.within (fun () ->
            let scale =
                x.abs().maximum(next.abs ()).add(Tensors.num 1.0).mul(Tensors.num tolerance)

            error.div(scale).square().mean().sqrt().ToDouble())

    /// A first step of which the error is probably acceptable (Hairer et al., section II.4).
    let private firstStep
        (tolerance: float)
        (velocity: Velocity)
        (direction: float)
        (t: float)
        (x: Tensor)
        (slope: Tensor)
        =
        Tensors.within (fun () ->
            let zero = torch.zeros_like x
            let size (v: Tensor) = errorOf tolerance x zero v
            let d0, d1 = size x, size slope
            let h0 = if d0 < 1e-5 || d1 < 1e-5 then 1e-6 else 0.01 * d0 / d1

            let there =
                velocity.At(t + direction * h0, combine x (direction * h0) [| 1.0 |] [| slope |])

            let d2 = size (there.sub slope) / h0
            let largest = max d1 d2

            let h1 =
                if largest <= 1e-15 then
                    max 1e-6 (h0 * 1e-3)
                else
                    (0.01 / largest) ** 0.2

            min (100.0 * h0) h1)

    let private solveAdaptive (tolerance: float) (velocity: Velocity) (times: float[]) (start: Tensor) =
        use scope = torch.NewDisposeScope()
        let finish = Array.last times
        let direction = float (sign (finish - times[0]))
        // In float32 smaller steps than this change nothing in t.
        let resolution = if start.dtype = torch.float64 then 1e-13 else 1e-7
        let smallest = resolution * max 1.0 (abs finish |> max (abs times[0]))
        let states = ResizeArray [ start ]
        let mutable t = times[0]
        let mutable x = start
        let mutable slope = velocity.At(t, x)
        let mutable h = firstStep tolerance velocity direction t x slope
        let mutable evaluations = 2
        let mutable steps = 0
        let mutable rejected = 0
        let mutable failure = None

        if not (Double.IsFinite h) then
            failure <- Some(blownUp t)

        while failure.IsNone && states.Count < times.Length do
            use step = torch.NewDisposeScope()
            let left = abs (finish - t)
            // A last step that is a little longer is better than a tiny one after it.
            let length = if h * 1.01 >= left then left else h
            let signed = direction * length
            let slopes = Array.zeroCreate<Tensor> 7
            slopes[0] <- slope

            for i in 1..6 do
                let point = combine x signed stages[i] slopes
                slopes[i] <- velocity.At(t + nodes[i] * signed, point)

            let next = combine x signed stages[6] slopes

            let error =
                errorOf tolerance x next (combine (torch.zeros_like x) signed difference slopes)

            evaluations <- evaluations + 6

            if error <= 1.0 then
                let until = if length = left then finish else t + signed

                while states.Count < times.Length && direction * (until - times[states.Count]) >= 0.0 do
                    let time = times[states.Count]

                    let state =
                        if time = until then
                            next.clone ()
                        else
                            let theta = (time - t) / signed

                            let weights =
                                inside
                                |> Array.map (fun p -> theta * (p[0] + theta * (p[1] + theta * (p[2] + theta * p[3]))))

                            combine x signed weights slopes

                    states.Add(state.MoveToOuterDisposeScope())

                if steps > 0 then
                    x.Dispose()

                slope.Dispose()
                x <- next.MoveToOuterDisposeScope()
                slope <- slopes[6].MoveToOuterDisposeScope()
                t <- until
                steps <- steps + 1

                h <-
                    length
                    * (if error = 0.0 then
                           5.0
                       else
                           0.9 * error ** -0.2 |> min 5.0 |> max 0.2)
            else
                rejected <- rejected + 1
                // NaN or infinity in a trial: try a much smaller step.
                h <-
                    length
                    * (if Double.IsFinite error then
                           0.9 * error ** -0.2 |> max 0.2
                       else
                           0.1)

                if h < smallest then
                    failure <-
                        Some(
                            if Double.IsFinite error then
                                KoopmanError.create
                                    ErrorKind.NotConverged
                                    $"At time {t:G4} the tolerance {tolerance:G2} asks for steps below {smallest:G2}"
                                    "Raise the tolerance, integrate in float64, or look at whether the velocity is continuous there"
                            else
                                blownUp t
                        )

        match failure with
        | Some error -> Error error
        | None ->
            Ok
                {
                    States = scope.MoveToOuter(torch.stack (states, 0L))
                    Evaluations = evaluations
                    Steps = steps
                    Rejected = rejected
                }

    /// <summary>The points at several times, of which the first is that of the start. Between times of its own choice an adaptive method interpolates with order 4.</summary>
    /// <param name="method">How.</param>
    /// <param name="velocity">v.</param>
    /// <param name="times">At least two, rising or falling.</param>
    /// <param name="start">Points (n, d) at the first time.</param>
    /// <returns>
    /// The points (times, n, d), which the caller disposes of; a <c>Diverged</c> error if values are no longer finite, and <c>NotConverged</c> if the steps become
    /// too small to change the time.
    /// </returns>
    let trajectory
        (method: OdeMethod)
        (velocity: Velocity)
        (times: float[])
        (start: Tensor)
        : Result<OdeSolution, KoopmanError> =
        use scope = torch.NewDisposeScope()
        use _ = torch.no_grad ()

        check method velocity times start
        |> Result.bind (fun () ->
            match method with
            | Euler steps
            | Midpoint steps
            | RungeKutta4 steps -> solveFixed method steps velocity times start
            | DormandPrince tolerance -> solveAdaptive tolerance velocity times start)
        |> Result.map (fun solution ->
            { solution with
                States = scope.Detach solution.States
            })

    /// <summary>The points (n, d) at the end of a way from one time to another, which may be the earlier one. The caller disposes of them.</summary>
    /// <param name="method">How.</param>
    /// <param name="velocity">v.</param>
    /// <param name="from">The time of the start.</param>
    /// <param name="until">The time of the end.</param>
    /// <param name="start">Points (n, d).</param>
    let solve
        (method: OdeMethod)
        (velocity: Velocity)
        (from: float)
        (until: float)
        (start: Tensor)
        : Result<Tensor, KoopmanError> =
        trajectory method velocity [| from; until |] start
        |> Result.map (fun solution ->
            use solution = solution
            use last = solution.States.select (0L, 1L)
            last.clone().DetachFromDisposeScope())
