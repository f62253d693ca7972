namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// Integration by the adaptive Dormand–Prince 5(4) method.
[<RequireQualifiedAccess>]
module internal AdaptiveSteps =

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

    /// Shampine's interpolant of order 4 inside a step: the weight of a stage is a polynomial in θ, θ², θ³, θ⁴ for the fraction θ of the step.
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

    /// The root mean square of error/(tolerance (1 + |x|)), with the larger |x| of the two ends of the step.
    let private errorOf (tolerance: float) (x: Tensor) (next: Tensor) (error: Tensor) : float =
        Tensors.within (fun () ->
            let scale = tolerance * (x.abs().maximum(next.abs ()) + 1.0)

            (error / scale).square().mean().sqrt().ToDouble())

    /// A first step whose error is probably acceptable (Hairer et al., section II.4).
    let private firstStep
        (tolerance: float)
        (velocity: VelocityField)
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
                velocity.At(t + direction * h0, FixedSteps.combine x (direction * h0) [| 1.0 |] [| slope |])

            let d2 = size (there - slope) / h0
            let largest = max d1 d2

            let h1 =
                if largest <= 1e-15 then
                    max 1e-6 (h0 * 1e-3)
                else
                    (0.01 / largest) ** 0.2

            min (100.0 * h0) h1)

    let solve (tolerance: float) (velocity: VelocityField) (times: float[]) (start: Tensor) =
        use scope = Tensors.scope ()
        let finish = Array.last times
        let direction = float (sign (finish - times[0]))
        // Smaller steps than this do not change t in float32.
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
            failure <- Some(FixedSteps.blownUp t)

        while failure.IsNone && states.Count < times.Length do
            use step = Tensors.scope ()
            let left = abs (finish - t)
            // A slightly longer last step avoids a tiny one after it.
            let length = if h * 1.01 >= left then left else h
            let signed = direction * length
            let slopes = Array.zeroCreate<Tensor> 7
            slopes[0] <- slope

            for i in 1..6 do
                let point = FixedSteps.combine x signed stages[i] slopes
                slopes[i] <- velocity.At(t + nodes[i] * signed, point)

            let next = FixedSteps.combine x signed stages[6] slopes

            let error =
                errorOf tolerance x next (FixedSteps.combine (torch.zeros_like x) signed difference slopes)

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

                            FixedSteps.combine x signed weights slopes

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
                                    $"At time {t:G4} the tolerance {tolerance:G2} requires steps below {smallest:G2}"
                                    "Raise the tolerance, integrate in float64, or check that the velocity is continuous there"
                            else
                                FixedSteps.blownUp t
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
