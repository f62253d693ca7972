namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>The errors of one step of a lift against its teacher's paths, all as root mean squares of distances over the points.</summary>
type DistillationErrors =
    {
        /// <summary>At t = 1, from noise.</summary>
        End: float
        /// <summary>The median distance at t = 1; it is far below End if a few points between basins dominate the error.</summary>
        MedianEnd: float
        /// <summary>From noise to t = 1/8, ..., 7/8, averaged over these times.</summary>
        Middle: float
        /// <summary>From noise, at the worst of these times and 1.</summary>
        Worst: float
        /// <summary>At t = 1, from points of the teacher's paths at t = 1/4, 1/2 and 3/4, averaged over these.</summary>
        Anywhere: float
        /// <summary>At t = 0, from the teacher's ends, one step backwards.</summary>
        Inverse: float
    }

/// <summary>The errors of taking data back to noise in one step, as root mean squares of distances.</summary>
type InversionErrors =
    {
        /// <summary>From the noise given by the teacher's equation, integrated backwards.</summary>
        ToTeacher: float
        /// <summary>From the data, after one step back and one forward.</summary>
        Cycle: float
        /// <summary>From the data, after one step back and integration of the teacher forwards.</summary>
        TeacherForward: float
        /// <summary>The value of ToTeacher if the noises of the points were exchanged at random: the mean over all permutations.</summary>
        Chance: float
    }

/// <summary>The error of one step along the teacher's paths, and its bounds by the residual r. Features are scaled to standard deviation 1.</summary>
type ErrorBounds =
    {
        /// <summary>The error at t = 1, root mean square.</summary>
        End: float
        /// <summary>The root mean square of the difference between the error and ∫ (x part of r(u) e^{(1-u)L}) du, which are equal up to the error
        /// of the quadrature.</summary>
        Unexplained: float
        /// <summary>∫ rms (x part of r(u) e^{(1-u)L}) du: End is not above it.</summary>
        Decoded: float
        /// <summary>e^{max(0, μ)} ∫ rms r(u) du with the log-norm μ of [x, F]: the bound of Duhamel's formula.</summary>
        Duhamel: float
        /// <summary>The x part of r, root mean square over the paths: an error of velocity.</summary>
        PointResidual: float
        /// <summary>The F part of r, root mean square over the paths and features; below .5 the features are good eigenfunctions.</summary>
        FeatureResidual: float
    }

/// <summary>Compares lifts with the velocity fields that they follow. The teacher is integrated with 40 Runge–Kutta steps.</summary>
[<RequireQualifiedAccess>]
module FlowErrors =

    let private steps = 40

    let private grid: float[] = Array.init (steps + 1) (fun k -> float k / float steps)

    /// Root mean square of the distances of rows.
    let private distance (a: Tensor) (b: Tensor) : float =
        Tensors.within (fun () -> (a - b).square().sum(-1L).mean().sqrt().ToDouble())

    /// Points in the dtype and on the device of a lift.
    let private place (lift: LinearFlow) (points: Tensor) : Tensor =
        let like = snd lift.Parameters.Head
        points.to_type(like.dtype).``to`` like.device

    /// <summary>The errors of a lift from this noise (n, d). Lift and teacher with classes are told the same, by <c>ofClass</c> or <c>ofClasses</c>.</summary>
    let measure (sampler: OneStep) (teacher: VelocityField) (noise: Tensor) : Outcome<DistillationErrors> =
        use _ = Tensors.scope ()
        let noise = place sampler.Lift noise

        result {
            do! sampler.Lift.CheckTold(Some(int noise.shape[0]))
            use! path = Ode.trajectory (RungeKutta4 steps) teacher grid noise
            let at (k: int) = path.States.select (0L, int64 k)
            let times = [| 5..5..steps |] |> Array.map (fun k -> grid[k])
            use! predicted = OneStep.path 0.0 times sampler noise

            let errors =
                times
                |> Array.mapi (fun i _ -> distance (predicted.Points.select (0L, int64 i)) (at (5 * (i + 1))))

            let! later =
                [ 10; 20; 30 ]
                |> Outcome.collect (fun k ->
                    OneStep.move grid[k] 1.0 sampler (at k)
                    |> Result.map (fun found ->
                        use found = found
                        distance found.Points (at steps)))

            use! back = OneStep.move 1.0 0.0 sampler (at steps)

            let median =
                (predicted.Points.select (0L, int64 times.Length - 1L) - at steps)
                    .square()
                    .sum(-1L)
                    .sqrt()
                    .median()
                    .ToDouble()

            return
                {
                    End = Array.last errors
                    MedianEnd = median
                    Middle = errors |> Array.take (errors.Length - 1) |> Array.average
                    Worst = Array.max errors
                    Anywhere = List.average later
                    Inverse = distance back.Points noise
                }
        }

    /// <summary>The errors of taking these data (n, d) back to noise. The lift should be trained with a DataShare above 0.</summary>
    let inversion (sampler: OneStep) (teacher: VelocityField) (data: Tensor) : Outcome<InversionErrors> =
        use _ = Tensors.scope ()
        let data = place sampler.Lift data
        let method = RungeKutta4 steps

        result {
            do! sampler.Lift.CheckTold(Some(int data.shape[0]))
            use! noise = Ode.solve method teacher 1.0 0.0 data
            use! found = OneStep.move 1.0 0.0 sampler data
            use! cycle = OneStep.sample sampler found.Points
            use! forward = Ode.solve method teacher 0.0 1.0 found.Points

            return
                {
                    ToTeacher = distance found.Points noise
                    Cycle = distance cycle data
                    TeacherForward = distance forward data
                    // The distance of two different rows, so that the order of the points does not matter.
                    Chance = Tensors.within (fun () -> sqrt (2.0 * noise.``var``(0L, true).sum().ToDouble()))
                }
        }

    /// Simpson's rule on the grid for values at its points.
    let private integral (values: float[]) : float =
        values
        |> Array.mapi (fun k v ->
            (if k = 0 || k = steps then 1.0
             elif k % 2 = 1 then 4.0
             else 2.0)
            * v)
        |> Array.sum
        |> fun sum -> sum / (3.0 * float steps)

    /// <summary>
    /// The error of one step from this noise (n, d), and its bounds by the residual along the teacher's paths, in float64. A teacher with float32 parameters is evaluated in
    /// float64 if its network can be copied.
    /// </summary>
    let bounds (lift: LinearFlow) (teacher: VelocityField) (noise: Tensor) : Outcome<ErrorBounds> =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()
        use exact = LinearFlow.toDouble lift
        use net = Net.toDouble teacher.Net
        use field = teacher.On net

        result {
            do! lift.CheckTold(Some(int noise.shape[0]))

            do! lift.CheckExplained()

            use! path =
                Ode.trajectory (RungeKutta4 steps) field grid (noise.cpu().to_type torch.float64)

            let at (k: int) = path.States.select (0L, int64 k)

            let column (value: float) =
                torch.full ([| noise.shape[0]; 1L |], Tensors.num value, dtype = torch.float64)

            let features =
                grid
                |> Array.mapi (fun k t -> Tensors.keep (fun () -> exact.Encode(column t, at k, None).Features))
                |> fun all -> torch.cat (all, 0L)

            let site = exact.Generator.AtSite
            let channels = (LinearFlow.channels exact features).std(0L, false)

            let deviation =
                channels.unsqueeze(1L).expand(channels.shape[0], int64 exact.Generator.Sites).reshape -1L

            // The integrands at each time: rows of x, and norms.
            let moved, points, scaled =
                grid
                |> Array.mapi (fun k t ->
                    use inner = Tensors.scope ()
                    let r = LinearFlow.residual exact (column t) (at k) (field.At(t, at k)) None
                    let moved = inner.MoveToOuter(exact.Generator.Position(r, column (1.0 - t)))
                    let features = r.Features / deviation
                    moved, r.Point.square().sum(-1L).mean().ToDouble(), features.square().sum(-1L).mean().ToDouble())
                |> Array.unzip3

            use sampler = OneStep.create exact
            use! predicted = OneStep.sample sampler (at 0)
            let error = at steps - predicted

            let weight k =
                (if k = 0 || k = steps then 1.0
                 elif k % 2 = 1 then 4.0
                 else 2.0)
                / (3.0 * float steps)

            let explained =
                (torch.zeros_like error, Array.indexed moved)
                ||> Array.fold (fun sum (k, rows) -> sum.add (rows, Tensors.num (weight k)))

            let rms (t: Tensor) =
                t.square().sum(-1L).mean().sqrt().ToDouble()

            let struct (_, matrix) = site.Scaled channels
            let growth = exp (max 0.0 (MatrixFunctions.logarithmicNorm matrix))

            return
                {
                    End = rms error
                    Unexplained = rms (error - explained)
                    Decoded = integral (moved |> Array.map rms)
                    Duhamel = growth * integral (Array.map2 (fun p f -> sqrt (p + f)) points scaled)
                    PointResidual = sqrt (integral points)
                    FeatureResidual = sqrt (integral scaled / float exact.Features)
                }
        }
