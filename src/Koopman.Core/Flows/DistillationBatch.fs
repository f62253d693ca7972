namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// The batch of a step, and the lift at its points.
[<RequireQualifiedAccess>]
module internal DistillationBatch =

    /// The draws of one step, on the CPU and in a fixed order, so that they are the same for all devices and for losses with the same requirements.
    let draw (training: DistillationTraining) (step: int) : LossBatch =
        use generator = Seed.generator (Seed.derive $"step {step}" training.Seed)
        let options, data = training.Options, training.Data
        let draws = options.Draws
        let d = data.shape[1]
        let place (t: Tensor) = t.``to`` data.device

        let uniform (shape: int64[]) =
            torch.rand (shape, dtype = data.dtype, generator = generator) |> place

        let index (bound: int64) (rows: int64) =
            torch.randint (bound, [| rows |], dtype = torch.int64, generator = generator)
            |> place

        let starts = int64 draws.Starts
        let atNoise = int64 (Math.Round(draws.NoiseShare * float starts))
        let atData = int64 (Math.Round(draws.DataShare * float starts))
        let between = starts - atNoise - atData
        let points = int64 draws.Points
        let backwards = draws.DataShare > 0.0

        // Pairs of noise and data, coupled as in the teacher's path: first for the points, then for the starts between.
        let pairs = points + between
        let chosen = index data.shape[0] pairs

        let noise = torch.randn ([| pairs; d |], dtype = data.dtype, generator = generator)

        let chosen =
            match options.Path.Coupling with
            | Independent -> chosen
            | coupling ->
                let order =
                    Paths.partners coupling generator noise ((data.index_select (0L, chosen)).cpu())

                chosen.index_select (0L, place (Tensors.ofIndices order))

        let interpolant =
            Paths.between
                options.Path.Interpolation
                generator
                (uniform [| pairs; 1L |])
                (place noise)
                (data.index_select (0L, chosen))

        let classesOf (rows: Tensor) =
            training.Classes |> Option.map (fun c -> c.index_select (0L, rows))

        let pairClasses = classesOf chosen

        let some first count (t: Tensor) = t.narrow (0L, first, count)

        // The starts of stored paths, or fresh noise.
        let pathIndex = index (int64 draws.Paths) atNoise

        let noiseStarts, noiseClasses =
            match training.Paths with
            | Some states ->
                states[0L].index_select(0L, pathIndex),
                training.PathClasses |> Option.map (fun c -> c.index_select (0L, pathIndex))
            | None ->
                torch.randn ([| atNoise; d |], dtype = data.dtype, generator = generator)
                |> place,
                classesOf (index data.shape[0] atNoise)

        let dataIndex = index data.shape[0] atData

        let pathTime =
            torch.randint (int64 draws.PathSteps, [| atNoise |], dtype = torch.int64, generator = generator)
            |> place

        let strata = uniform [| 2L; starts; 1L |]
        let rest = uniform [| points; 1L |]

        let startRows =
            lazy
                (let time =
                    torch.cat (
                        [|
                            torch.zeros (atNoise, 1L, dtype = data.dtype, device = data.device)
                            some points between interpolant.Time
                            torch.ones (atData, 1L, dtype = data.dtype, device = data.device)
                        |],
                        0L
                    )

                 // The direction of each start: forwards to 1, or backwards to 0.
                 let until =
                     if backwards then
                         let back = int64 (Math.Round(0.3 * float between))

                         torch.cat (
                             [|
                                 torch.ones (atNoise + between - back, 1L, dtype = data.dtype, device = data.device)
                                 torch.zeros (back + atData, 1L, dtype = data.dtype, device = data.device)
                             |],
                             0L
                         )
                     else
                         torch.ones_like time

                 let stratum =
                     torch.arange(Tensors.num 2.0, dtype = data.dtype, device = data.device).reshape(2L, 1L, 1L)

                 {
                     Time = time
                     Point =
                         torch.cat (
                             [|
                                 noiseStarts
                                 some points between interpolant.Point
                                 data.index_select (0L, dataIndex)
                             |],
                             0L
                         )
                     Classes =
                         pairClasses
                         |> Option.map (fun c ->
                             torch.cat (
                                 [| noiseClasses.Value; some points between c; (classesOf dataIndex).Value |],
                                 0L
                             ))
                         |> Option.toObj
                     Horizons = 0.5 * (strata + stratum) * (until - time)
                 }
                 : StartRows)

        let pointRows =
            lazy
                (let time, point = some 0L points interpolant.Time, some 0L points interpolant.Point
                 let classes = pairClasses |> Option.map (some 0L points)

                 {
                     Time = time
                     Point = point
                     Velocity =
                         (use _ = torch.no_grad ()
                          training.Teacher.AtClasses(time, point, classes))
                     Classes = Option.toObj classes
                     Horizon = if backwards then rest - time else rest * (1.0 - time)
                 }
                 : PointRows)

        let pathRows =
            lazy
                (let states = training.Paths.Value
                 let last, count = states.shape[0] - 1L, states.shape[1]
                 let flat = states.reshape (-1L, d)
                 let stored = pathTime + (1L).ToScalar()

                 {
                     Time = (stored.to_type (data.dtype) / float last).unsqueeze 1L
                     State = flat.index_select (0L, stored * (count: int64).ToScalar() + pathIndex)
                     End = states[last].index_select(0L, pathIndex)
                 }
                 : PathRows)

        LossBatch(training.Lift, training.Teacher, training.Imitation, pointRows, startRows, pathRows)

    /// The residual of velocities, the log-norm with features scaled to deviation 1, and the smallest deviation, on the points of a batch.
    let guards (training: DistillationTraining) (step: int) : struct (float * float * float) =
        Tensors.within (fun () ->
            use _ = torch.no_grad ()
            let batch = draw training step

            let residual =
                let now = torch.zeros_like batch.Points.Time
                batch.Lift.Response(batch.AtPoints, batch.Residual, now).square().sum(-1L).mean().sqrt().ToDouble()

            // The operators of all sites are the same, and each acts by itself.
            let site = training.Lift.Generator.AtSite

            let deviation =
                (LinearFlow.channels training.Lift batch.AtPoints.Features).std(0L, false)

            let struct (_, scaled) = site.Scaled deviation
            let scaled = scaled.cpu().to_type torch.float64

            let norm =
                if Tensors.isFinite scaled then
                    MatrixFunctions.logarithmicNorm scaled
                else
                    nan

            struct (residual, norm, deviation.min().ToDouble()))
