#include "starter.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
    struct linux_start_job *first;
    struct linux_start_job **end;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static struct queue waiting = {0, &waiting.first};
static struct queue done = {0, &done.first};
static int event = -1;

static void add(struct queue *queue, struct linux_start_job *job)
{
    job->next = 0;
    *queue->end = job;
    queue->end = &job->next;
}

static struct linux_start_job *take(struct queue *queue)
{
    struct linux_start_job *job = queue->first;
    if (!job) return 0;
    queue->first = job->next;
    if (!queue->first) queue->end = &queue->first;
    return job;
}

static void *serve(void *unused)
{
    (void)unused;
    const uint64_t one = 1;
    pthread_mutex_lock(&lock);
    for (;;) {
        struct linux_start_job *job = take(&waiting);
        if (!job) {
            pthread_cond_wait(&work, &lock);
            continue;
        }
        pthread_mutex_unlock(&lock);
        job->process = linux_start(&job->program);
        job->failure = job->process < 0 ? errno : 0;
        pthread_mutex_lock(&lock);
        add(&done, job);
        /* Never blocks: the count would have to reach 2^64. */
        (void)!write(event, &one, sizeof one);
    }
    return 0;
}

int linux_starter_open(int threads)
{
    event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0) return -1;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    /* The child runs on it, too, up to exec. */
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    int started = 0;
    for (; started < threads; started++) {
        pthread_t thread;
        int failure = pthread_create(&thread, &attributes, serve, 0);
        if (!failure) continue;
        errno = failure;
        break;
    }
    pthread_attr_destroy(&attributes);
    if (started > 0) return event;
    close(event);
    return -1;
}

void linux_starter_submit(struct linux_start_job *job)
{
    pthread_mutex_lock(&lock);
    add(&waiting, job);
    pthread_cond_signal(&work);
    pthread_mutex_unlock(&lock);
}

struct linux_start_job *linux_starter_take(void)
{
    pthread_mutex_lock(&lock);
    struct linux_start_job *job = take(&done);
    pthread_mutex_unlock(&lock);
    return job;
}
