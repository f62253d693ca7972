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

        // Rows of the data in the teacher's frame.
        let standard (rows: Tensor) : Tensor =
            match training.Teacher.Frame with
            | None -> rows
            | Some frame -> frame.Standardise rows

        // Pairs of noise and data, coupled as in the teacher's path: first for the points, then for the starts between.
        let pairs = points + between
        let chosen = index data.shape[0] pairs

        let noise = torch.randn ([| pairs; d |], dtype = data.dtype, generator = generator)

        let chosen =
            match options.Path.Coupling with
            | Independent -> chosen
            | coupling ->
                let order =
                    Paths.partners coupling generator noise ((standard (data.index_select (0L, chosen))).cpu())

                chosen.index_select (0L, place (Tensors.ofIndices order))

        // Points on the paths that the teacher was trained on.
        let along (time: Tensor) (noise: Tensor) (rows: Tensor) : Interpolant =
            let inner =
                Paths.between options.Path.Interpolation generator time noise (standard rows)

            match training.Teacher.Frame with
            | None -> inner
            | Some frame ->
                { inner with
                    Point = frame.OutOf(time, inner.Point)
                    Velocity = frame.Velocity(time, inner.Point, inner.Velocity)
                }

        let interpolant =
            along (uniform [| pairs; 1L |]) (place noise) (data.index_select (0L, chosen))

        let classesOf (name: string) (rows: Tensor) =
            training.Classes
            |> Option.map (fun c ->
                c.index_select (0L, rows)
                |> FlowMatching.forget draws.ClassFreeShare (Seed.derive $"{name} {step}" training.Seed))

        let pairClasses = classesOf "pairs" chosen

        let some first count (t: Tensor) = t.narrow (0L, first, count)

        // The starts of stored paths, or fresh noise.
        let pathIndex = index (int64 draws.Paths) atNoise

        // The part of the way that each of these starts begins.
        let parts = int64 draws.Parts

        let part =
            if parts = 1L then
                torch.zeros (atNoise, dtype = torch.int64, device = data.device)
            else
                index parts atNoise

        let partTime = (part.to_type (data.dtype) / float parts).unsqueeze 1L

        // Steps of stored paths in one part.
        let perPart = int64 draws.PathSteps / parts

        let stateAt (states: Tensor) (steps: Tensor) =
            states.reshape(-1L, d).index_select(0L, steps * (states.shape[1]: int64).ToScalar() + pathIndex)

        let noiseStarts, noiseClasses =
            match training.Paths with
            | Some states ->
                (if parts = 1L then
                     states[0L].index_select(0L, pathIndex)
                 else
                     stateAt states (part * (perPart: int64).ToScalar())),
                training.PathClasses |> Option.map (fun c -> c.index_select (0L, pathIndex))
            | None ->
                let fresh =
                    torch.randn ([| atNoise; d |], dtype = data.dtype, generator = generator)

                let rows = index data.shape[0] atNoise

                if parts = 1L then
                    place fresh, classesOf "noise" rows
                else
                    let order =
                        Paths.partners
                            options.Path.Coupling
                            generator
                            fresh
                            ((standard (data.index_select (0L, rows))).cpu())

                    let rows = rows.index_select (0L, place (Tensors.ofIndices order))

                    (along partTime (place fresh) (data.index_select (0L, rows))).Point, classesOf "noise" rows

        let dataIndex = index data.shape[0] atData

        let pathTime =
            torch.randint (perPart, [| atNoise |], dtype = torch.int64, generator = generator)
            |> place

        let strata = uniform [| 2L; starts; 1L |]
        let rest = uniform [| points; 1L |]

        // The end of the part of the way that holds these times, in either direction.
        let ahead (time: Tensor) =
            (((time * float parts + 1e-6).floor() + 1.0) / float parts).clamp_max(Tensors.num 1.0)

        let behind (time: Tensor) =
            (((time * float parts - 1e-6).ceil() - 1.0) / float parts).clamp_min(Tensors.num 0.0)

        let startRows =
            lazy
                (let time =
                    torch.cat (
                        [|
                            partTime
                            some points between interpolant.Time
                            torch.ones (atData, 1L, dtype = data.dtype, device = data.device)
                        |],
                        0L
                    )

                 // The direction of each start: forwards or backwards to the end of the way, or of its part.
                 let until =
                     if backwards then
                         let back = int64 (Math.Round(0.3 * float between))
                         let forth = atNoise + between - back

                         torch.cat (
                             [|
                                 ahead (time.narrow (0L, 0L, forth))
                                 behind (time.narrow (0L, forth, back + atData))
                             |],
                             0L
                         )
                     else
                         ahead time

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
                                 [|
                                     noiseClasses.Value
                                     some points between c
                                     (classesOf "data" dataIndex).Value
                                 |],
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
                     Horizon =
                         if backwards then
                             behind time - time + rest * (ahead time - behind time)
                         else
                             rest * (ahead time - time)
                 }
                 : PointRows)

        let pathRows =
            lazy
                (let states = training.Paths.Value
                 let stored = pathTime + (1L).ToScalar()
                 let first = part * (perPart: int64).ToScalar()

                 {
                     Time = (stored.to_type (data.dtype) / float draws.PathSteps).unsqueeze 1L
                     State = stateAt states (first + stored)
                     Span = 1.0 / float parts
                     End = stateAt states (first + (perPart: int64).ToScalar())
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
